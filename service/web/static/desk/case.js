/* The case with scripts: a claim while it is open, and sentences for authors by one press. */

import { ask } from "./ask.js";

const card = document.querySelector(".case .card");
const path = `/v1/admin/comments/${card.dataset.id}/claim`;
const RENEW_SECONDS = 60;

if (document.querySelector("#decide")) {
  const claim = () => document.hidden || ask(path, undefined, "POST").catch(() => {});
  claim();
  setInterval(claim, RENEW_SECONDS * 1000);
  addEventListener("pagehide", () => ask(path, undefined, "DELETE").catch(() => {}));
}

for (const button of document.querySelectorAll(".canned")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.querySelector("#message").value = button.dataset.message;
    const reason = document.querySelector(`#decide [name=reasons][value="${CSS.escape(button.dataset.reason)}"]`);
    if (reason) reason.checked = true;
  });
}
