/* A queue in use: keys, deciding in place, taking back, news, claims. The page works without it, as plain forms.
 *
 * A decision shows at once and is sent meanwhile; where it fails, the comment comes back to its place with the reason.
 * Deeds are shown by moving what the server drew; no text of a stranger is made into markup here.
 */

import { ask, piece } from "./ask.js";

const DONE = { approve: "Approved", reject: "Rejected", spam: "Rejected as spam", hold: "Held", escalate: "Escalated" };
const POLL_SECONDS = 20;
const RENEW_SECONDS = 60; // a claim runs out after two minutes
const REFILL_AT = 5;
const CLAIM_AFTER = 1_000;
const KEPT = 50;
const KEYS = "greenroom.keys";

const place = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const list = place.queue;
const number = new Intl.NumberFormat("en");

let next = list.dataset.next;
let loading = null;
let current = null; // the card that had the focus last
let taken = []; // decisions that Undo takes back, the last one first
let claimed = null;
let claiming = 0;
let going = false; // "g" was pressed, and waits for the number of a queue
let known = counted(list.dataset.count); // how many of this queue the list knows of

function counted(words) {
  return Number.parseInt(String(words).replaceAll(/\D/g, ""), 10) || 0;
}

/** A browser that keeps nothing for anybody throws at the storage's very name. */
function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch {
    return null;
  }
}

const cards = () => [...list.querySelectorAll(".card")];

function say(region, sentence) {
  if (region.textContent !== sentence) region.textContent = sentence;
}

/* Deciding */

function decide(card, action, more = {}) {
  const { id, revision, name } = card.dataset;
  const row = card.parentElement;
  const after = row.nextElementSibling;
  const index = [...list.children].indexOf(row);
  const focused = card.contains(document.activeElement) || document.activeElement === document.body;
  closePanel(card);
  card.querySelector("[data-alert]").hidden = true;
  row.remove();
  if (focused) ((after ?? list.lastElementChild)?.querySelector(".card") ?? place["queue-title"]).focus();
  place.empty.hidden = list.childElementCount > 0;
  const deed = { id, row, after, index, action, name, card };
  deed.answer = ask(`/v1/admin/comments/${id}/decision`, { action, revision: Number(revision), ...more }).catch((problem) => {
    taken = taken.filter((each) => each !== deed);
    // Whoever is at another card by now stays there: the next key is meant for that one.
    const elsewhere = Boolean(document.activeElement.closest("#queue .card"));
    putBack(deed, !elsewhere);
    const unknown = problem.status === 0 ? " Whether this was decided is not known: reload it to see." : "";
    complain(card, problem.message + unknown, problem.status === 409 || problem.status === 0);
    toast(elsewhere ? `Not decided, and back in the list: the comment by ${name}.` : "", false);
    return null;
  });
  taken = [deed, ...taken].slice(0, KEPT);
  known = Math.max(0, known - 1);
  const why = more.reasons?.length ? ` (${more.reasons.join(", ").replaceAll("_", " ")})` : "";
  toast(`${DONE[action]}${why}: the comment by ${name}.`);
  if (list.childElementCount < REFILL_AT) loadMore();
}

function putBack({ row, after, index, card }, focus = true) {
  list.insertBefore(row, after?.parentElement === list ? after : (list.children[index] ?? null));
  place.empty.hidden = true;
  known += 1;
  if (focus) card.focus();
}

/** Taking back is a decision too: it goes into the record, after the one that it takes back. */
async function undo() {
  const deed = taken[0];
  if (!deed) return;
  taken = taken.slice(1);
  toast("Taking it back …");
  const answer = await deed.answer;
  if (!answer) return;
  try {
    const now = await ask(`/v1/admin/comments/${deed.id}/undo`, { decision: answer.decision.id, revision: answer.revision });
    deed.card.dataset.revision = now.revision;
    for (const field of deed.card.querySelectorAll("input[name=revision]")) field.value = now.revision;
    const pick = deed.card.querySelector("input[name=pick]");
    if (pick) pick.value = `${deed.id}:${now.revision}`;
    putBack(deed);
    toast(`Taken back: the comment by ${deed.name} is ${now.status} again.`);
  } catch (problem) {
    const sentence = `It could not be taken back: ${problem.message}`;
    // Somebody else moved it on: the card shows so. After anything else it can be tried again.
    if (problem.status !== 409) taken = [deed, ...taken];
    toast(problem.status === 409 ? "" : sentence);
    if (problem.status !== 409) return;
    putBack(deed);
    complain(deed.card, sentence, true);
  }
}

function toast(sentence, withUndo = true) {
  say(place["toast-text"], sentence);
  place.toast.toggleAttribute("data-shown", Boolean(sentence));
  place.undo.hidden = !withUndo || taken.length === 0 || !sentence;
  place.dismiss.hidden = !sentence;
}

/** A sentence in the card itself. What is stale can only be decided after it was loaded anew. */
function complain(card, sentence, stale) {
  const alert = card.querySelector("[data-alert]");
  const words = document.createElement("p");
  words.textContent = sentence;
  alert.replaceChildren(words);
  alert.hidden = false;
  if (!stale) return;
  const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Reload" });
  again.addEventListener("click", () => reload(card));
  alert.append(again);
  if (card.contains(document.activeElement)) again.focus();
  const form = card.querySelector(".deciding");
  if (form) form.hidden = true;
}

async function reload(card) {
  try {
    const { rows } = await piece(`/moderation/comments/${card.dataset.id}/card?${list.dataset.query}`);
    card.parentElement.replaceWith(...rows);
    rows[0]?.querySelector(".card").focus();
  } catch (problem) {
    complain(card, problem.message, true);
  }
}

/* What is asked before a decision: reasons to reject, a note to escalate */

function openPanel(card, template) {
  const before = card.querySelector("[data-panel]")?.dataset.panel;
  if (before) closePanel(card, true);
  if (before === template) return;
  const panel = place[template].content.cloneNode(true).firstElementChild;
  panel.dataset.panel = template;
  panel.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.key) answered(card, panel, button);
    else if (button?.matches("[data-cancel]")) closePanel(card, true);
  });
  // Enter in a field means: reject with what is marked, or "other"; or escalate with what was typed.
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    answered(card, panel, panel.querySelector("[data-key=Enter]"));
  });
  card.append(panel);
  panel.querySelector("[data-first], [data-key=Enter]").focus();
}

function closePanel(card, focus = false) {
  const panel = card.querySelector("[data-panel]");
  panel?.remove();
  if (focus && panel) card.querySelector(`[data-panel-of="${panel.dataset.panel}"]`).focus();
}

function answered(card, panel, button, more) {
  if (button.value !== "escalate") return reject(card, panel, button, more);
  const note = panel.querySelector("[name=note]");
  note.value = note.value.trim();
  if (panel.reportValidity()) decide(card, "escalate", { note: note.value });
}

function reject(card, panel, button, { several = false } = {}) {
  if (several) {
    button.ariaPressed = String(button.ariaPressed !== "true");
    return;
  }
  const marked = [...panel.querySelectorAll("[aria-pressed=true]")].map(({ value }) => value);
  const only = button.value === "other" && marked.length > 0;
  const reasons = only ? marked : [...new Set([...marked, button.value])];
  const said = (name) => panel.querySelector(`[name=${name}]`).value.trim();
  decide(card, "reject", { reasons, message: said("message"), note: said("note") });
}

/* More, and news */

function loadMore() {
  if (!next) return loading;
  const before = list.lastElementChild;
  loading ??= piece(`/moderation/list?${list.dataset.query}&cursor=${encodeURIComponent(next)}`)
    .then(({ rows, next: further }) => {
      const here = new Set(cards().map(({ dataset }) => dataset.id));
      list.append(...rows.filter((row) => !here.has(row.querySelector(".card")?.dataset.id)));
      next = further;
      if (place.more) place.more.hidden = !next;
      place.empty.hidden = list.childElementCount > 0;
      // Whoever is faster than the answer stands above an empty list by now.
      if (document.activeElement === place["queue-title"]) cards()[0]?.focus();
      return before?.nextElementSibling ?? list.firstElementChild;
    })
    .catch((problem) => toast(problem.message))
    .finally(() => (loading = null));
  return loading;
}

async function poll() {
  if (document.hidden) return;
  try {
    const site = new URLSearchParams(list.dataset.query).get("site");
    const { queues } = await ask(`/v1/admin/queues${site ? `?site=${encodeURIComponent(site)}` : ""}`);
    for (const { queue, count, more, about } of queues) {
      const shown = place.queues.querySelector(`[data-queue="${queue}"] b`);
      if (shown) say(shown, `${number.format(count)}${more ? "+" : ""}`);
      // Of a queue with thousands in it the number lags behind: a difference would say nothing.
      if (queue === list.dataset.queue) news(about ? 0 : count - known);
    }
  } catch (problem) {
    say(place["news-text"], problem.status === 401 ? problem.message : "The counts could not be refreshed.");
  }
}

function news(count) {
  say(place["news-text"], count > 0 ? `${number.format(count)} new` : "Nothing new");
  place.news.toggleAttribute("data-new", count > 0);
  say(place.refresh, count > 0 ? "Show" : "Refresh");
}

/* Claims: colleagues see who is looking. Another's claim is shown, and hinders nobody. */

function claim(card, wait = CLAIM_AFTER) {
  clearTimeout(claiming);
  claiming = setTimeout(async () => {
    if (!card.isConnected || !card.querySelector(".deciding")) return;
    const before = claimed;
    claimed = card.dataset.id;
    if (before && before !== claimed) ask(`/v1/admin/comments/${before}/claim`, undefined, "DELETE").catch(() => {});
    try {
      const { mine, moderator } = (await ask(`/v1/admin/comments/${card.dataset.id}/claim`, undefined, "POST")).claim;
      const shown = card.querySelector(".claim");
      if (mine) shown?.remove();
      else if (!shown) {
        const chip = Object.assign(document.createElement("span"), { className: "chip claim", role: "status" });
        const who = Object.assign(document.createElement("bdi"), { textContent: moderator });
        chip.append(who, " is looking at this");
        card.querySelector("header").append(chip);
      }
    } catch {
      // Only advice: what could not be said is not missed.
    }
  }, wait);
}

/** For as long as somebody stays at a card; whoever went elsewhere on the page lets the claim run out. */
function renew() {
  if (!document.hidden && current?.contains(document.activeElement)) claim(current, 0);
}

function giveUp() {
  clearTimeout(claiming);
  if (claimed) ask(`/v1/admin/comments/${claimed}/claim`, undefined, "DELETE").catch(() => {});
  claimed = null;
}

/* Keys */

function step(by) {
  const all = cards();
  const at = all.indexOf(current);
  const to = at < 0 ? 0 : at + by;
  if (to >= all.length && next) loadMore()?.then((row) => row?.querySelector(".card").focus());
  else all[Math.min(Math.max(to, 0), all.length - 1)]?.focus();
}

function press(card, name) {
  const control = card.querySelector(`[data-do=${name}]`);
  if (control && !control.disabled && !control.closest("[hidden]")) control.click();
}

function together(action) {
  place.bulk.querySelector("[name=which][value=picked]").checked = true;
  place.bulk.requestSubmit(place.bulk.querySelector(`button[value=${action}]`));
}

const PRESSED = {
  j: () => step(1),
  k: () => step(-1),
  a: (card) => press(card, "approve"),
  r: (card) => press(card, "reject"),
  s: (card) => press(card, "spam"),
  h: (card) => press(card, "hold"),
  e: (card) => press(card, "escalate"),
  c: (card) => press(card, "open"),
  x: (card) => card.querySelector("input[name=pick]")?.click(),
  A: () => together("approve"),
  R: () => together("reject"),
  S: () => together("spam"),
  H: () => together("hold"),
  u: () => undo(),
  z: () => undo(),
  "/": () => place.q.focus(),
  "?": () => place.help.showModal(),
  g: () => (going = true),
};

/** Listens on the list alone: elsewhere on the page a letter is a letter. */
function pressed(event) {
  const card = event.target.closest(".card");
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  const panel = card.querySelector("[data-panel]");
  if (event.key === "Escape" && panel) return closePanel(card, true);
  if (!place.keys.checked || event.repeat || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  // A card that has to be loaded anew, and has the focus itself.
  if (event.key === "Enter" && event.target === card && !panel) return card.querySelector("[data-alert] button")?.click();
  if (going) {
    going = false;
    const link = place.queues.querySelectorAll("a")[(Number(event.key) + 9) % 10]; // 0 is the tenth
    if (link) return link.click();
  }
  if (panel) {
    // Enter on a button presses that button; anywhere else it means "other", or what is marked.
    if (event.key === "Enter" && event.target.closest("button")) return;
    const name = event.shiftKey ? event.key.toLowerCase() : event.key;
    const button = panel.querySelector(`[data-key="${CSS.escape(name)}"]`);
    if (!button) return;
    event.preventDefault();
    answered(card, panel, button, { several: event.shiftKey });
  } else if (Object.hasOwn(PRESSED, event.key)) {
    event.preventDefault();
    PRESSED[event.key](card);
  }
}

/* What is wired to what */

list.addEventListener("submit", (event) => {
  const card = event.target.closest(".card");
  if (!card || !event.target.matches(".deciding")) return;
  event.preventDefault();
  decide(card, event.submitter.value);
});
list.addEventListener("click", (event) => {
  const link = event.target.closest("[data-panel-of]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPanel(link.closest(".card"), link.dataset.panelOf);
});
list.addEventListener("keydown", pressed);
list.addEventListener("focusin", ({ target }) => {
  const card = target.closest(".card");
  if (card === current) return;
  current = card;
  if (card) claim(card);
});
addEventListener("change", ({ target }) => {
  if (target.name !== "pick") return;
  const count = list.querySelectorAll("[name=pick]:checked").length;
  say(place.picked, count ? `${count} selected` : "");
});
place.more?.addEventListener("click", (event) => {
  event.preventDefault();
  loadMore()?.then((row) => row?.querySelector(".card").focus());
});
place.previous.addEventListener("click", () => step(-1));
place.next.addEventListener("click", () => step(1));
place["help-open"].addEventListener("click", () => place.help.showModal());
place.undo.addEventListener("click", undo);
place.dismiss.addEventListener("click", () => {
  taken = [];
  toast("");
  (current?.isConnected ? current : place["queue-title"]).focus();
});
place.keys.checked = kept(KEYS) !== "off";
place.keys.addEventListener("change", () => kept(KEYS, place.keys.checked ? "on" : "off"));
for (const name of ["previous", "next", "help-open", "keys-switch"]) place[name].hidden = false;
place.help.addEventListener("close", () => current?.isConnected && current.focus());
news(0);
setInterval(poll, POLL_SECONDS * 1000);
setInterval(renew, RENEW_SECONDS * 1000);
addEventListener("pagehide", giveUp);
// Whoever went somewhere while the page loaded stays there.
const nobodyMoved = document.activeElement === document.body;
if (nobodyMoved && !location.hash && !document.querySelector("#told")) list.querySelector(".card")?.focus({ preventScroll: true });
