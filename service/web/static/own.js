/* Takes the code of a private link out of the address bar and into the form, and sends that. */

const form = document.querySelector("#ask");

function take() {
  const code = location.hash.slice(1);
  if (!code) return;
  // Before anything else: no history, no bookmark and no picture of the screen shall keep it.
  history.replaceState(null, "", location.pathname);
  form.elements.code.value = code;
  form.requestSubmit();
}

addEventListener("hashchange", take);
take();
