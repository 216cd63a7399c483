/* One decision about many, while a worker carries it out: how far it is changes in place, so that nothing that has the
 * focus or is being read is taken away by a page that loads itself again. */

const LOOK_SECONDS = 3;
const PARTS = ["progress", "far", "take-back"];
const again = document.querySelector("#again");

async function look() {
  if (document.hidden) return;
  try {
    const response = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const [now, then] = [document, page].map((each) => PARTS.map((id) => each.getElementById(id)));
    // Signed out meanwhile, or the service is away: what stands here stays.
    if (!then[0]) return;
    now[0].value = then[0].value;
    now.forEach((part, at) => {
      const said = then[at]?.textContent;
      if (part && said && part.textContent !== said) part.textContent = said;
    });
    if (page.querySelector("#again")) return;
    clearInterval(looking);
    if (document.activeElement === again) document.querySelector("#take-back")?.focus();
    again.remove();
  } catch {
    // At the next look it may answer again.
  }
}

const looking = setInterval(look, LOOK_SECONDS * 1000);
again.addEventListener("click", (event) => {
  event.preventDefault();
  look();
});
