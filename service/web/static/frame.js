/* Tells the page around the frame how high the comments are, and where the one is that the address names.
 *
 * It speaks to the story's page alone, and listens to nobody: what is done here is done by the reader. Nothing of what
 * it tells is about the reader.
 */

const element = document.querySelector("greenroom-comments");
const story = new URL(element.getAttribute("page")).origin;

const tell = (said) => parent.postMessage(said, story);

function tellHeight() {
  tell({ greenroom: "height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
}

/* The element scrolls to the comment, but no farther than this frame reaches. */
function tellPlace() {
  const named = element.shadowRoot.querySelector("[data-here]");
  if (!named) return;
  // A frame that is too low yet could not be scrolled so far.
  tellHeight();
  tell({ greenroom: "comment", top: Math.ceil(named.getBoundingClientRect().top + scrollY) });
}

// Opened by itself, this page has nobody to tell.
if (parent !== window) {
  new ResizeObserver(tellHeight).observe(document.documentElement);
  // Where the element's own script did not come there is only its link.
  if (element.shadowRoot) new MutationObserver(tellPlace).observe(element.shadowRoot, { subtree: true, attributeFilter: ["data-here"] });
}
