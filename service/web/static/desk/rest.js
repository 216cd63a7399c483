/* Whoever has decided for long, or seen much that is grim, is asked to rest where they work. It lies over the foot of
 * the page and moves nothing, and once it was put away it stays away until there is another reason. */

import { ask } from "./ask.js";

// The service looks no oftener itself.
const LOOK_SECONDS = 60;
const aside = document.querySelector("#rest");
const words = aside.querySelector("p");
const later = aside.querySelector("button");
const AWAY = "greenroom.rest";
let before = null; // where somebody was who came to put it away

async function look() {
  if (document.hidden) return;
  try {
    const { rest } = await ask("/moderation/rest");
    show(rest === sessionStorage.getItem(AWAY) ? "" : rest);
  } catch {
    // Only advice: what could not be said is not missed.
  }
}

function show(sentence) {
  if (words.textContent !== sentence) words.textContent = sentence;
  aside.toggleAttribute("data-shown", Boolean(sentence));
  later.hidden = !sentence;
}

later.addEventListener("focus", ({ relatedTarget }) => (before = relatedTarget));
later.addEventListener("click", () => {
  sessionStorage.setItem(AWAY, words.textContent);
  show("");
  (before?.isConnected ? before : document.querySelector("#queue-title")).focus({ preventScroll: true });
});
look();
setInterval(look, LOOK_SECONDS * 1000);
