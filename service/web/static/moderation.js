/* The moderation page: asks for the admin token, shows a queue, and carries decisions to the service.
 *
 * The token lives in sessionStorage, which ends with the tab, and travels in the Authorization header only: never
 * in an address, a cookie or the page. Cards (moderation-card.js) draw the comments and say what was pressed.
 */

const QUEUES = ["held", "pending", "approved", "rejected"];
const TITLES = { held: "Held for a person", pending: "Being screened", approved: "Approved", rejected: "Rejected" };
const DONE = { approve: "Approved", reject: "Rejected", hold: "Held" };
const BACK = { held: "hold", pending: "hold", approved: "approve", rejected: "reject" };
const POLL_SECONDS = 20;
const TOKEN = "greenroom.token";
const KEYS = "greenroom.keys";

const place = Object.fromEntries([...document.querySelectorAll("[id]")].map((element) => [element.id, element]));
const number = new Intl.NumberFormat("en");
const age = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });

/** A browser that keeps nothing for anybody throws at the storage's very name; then it lasts as long as this page. */
function storage(name) {
  try {
    return window[name];
  } catch {
    const kept = new Map();
    return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  }
}

const tab = storage("sessionStorage");
const browser = storage("localStorage");

let token = tab.getItem(TOKEN);
let chosen = { status: "held", site: "" };
let cursor = null;
let counts = new Map(); // status -> {count, oldest}, as last heard
let seen = 0; // how many of the chosen queue the list knows of
let turn = 0; // an answer to an older question than the last is dropped
let last = null; // the decision that Undo takes back
let current = null; // the card that had the focus last

/** The service's answer, or an Error with ``status`` (0: no answer came) and a message for people. */
async function ask(path, body) {
  const options = { cache: "no-store", credentials: "omit", headers: { Authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(20_000) };
  if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) }).headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw Object.assign(new Error("No answer came from the service."), { status: 0 });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  if (response.status === 401) leave("The service does not accept this token.");
  throw Object.assign(new Error(answer?.detail || answer?.title || `The service answered with ${response.status}.`), { status: response.status });
}

function query(fields) {
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value)).toString();
}

/* Coming in and leaving */

function leave(sentence = "") {
  token = last = current = null;
  tab.removeItem(TOKEN);
  turn += 1;
  place.queue.replaceChildren();
  place.desk.hidden = place.forget.hidden = true;
  place.who.textContent = "";
  toast("");
  place["sign-in"].hidden = false;
  place.token.value = "";
  complain(sentence);
  place.token.focus();
}

async function enter() {
  place["sign-in"].hidden = true;
  try {
    const me = await ask("/v1/admin/me");
    // A token may be good for the queue and not for the list of sites: then there is nothing to choose.
    const { sites } = await ask("/v1/admin/sites").catch(() => ({ sites: [] }));
    place.who.textContent = `as ${me.name}`;
    place.site.replaceChildren(new Option("All sites", ""), ...sites.map(({ site, name }) => new Option(name, site)));
    place["site-choice"].hidden = sites.length < 2;
  } catch (failure) {
    if (token) complain(`${failure.message} Please load this page again.`);
    return;
  }
  complain("");
  place.desk.hidden = place.forget.hidden = false;
  readAddress();
  await openQueue({ focus: true });
}

function complain(sentence) {
  place.trouble.hidden = !sentence;
  place.trouble.textContent = sentence;
}

/* The queue; its address holds what is chosen, so that it can be kept and shared. */

function readAddress() {
  const fields = new URLSearchParams(location.search);
  const status = fields.get("status");
  chosen = { status: QUEUES.includes(status) ? status : "held", site: fields.get("site") ?? "" };
  place.site.value = chosen.site;
}

function choose(change) {
  chosen = { ...chosen, ...change };
  history.pushState(null, "", `?${query(chosen)}`);
  openQueue();
}

async function openQueue({ focus = false } = {}) {
  const mine = ++turn;
  complain("");
  place["queue-title"].textContent = TITLES[chosen.status];
  place.queue.setAttribute("aria-busy", "true");
  try {
    const [page, summary] = await Promise.all([ask(`/v1/admin/comments?${query(chosen)}`), ask(`/v1/admin/queues?${query({ site: chosen.site })}`)]);
    if (mine !== turn) return;
    place.queue.replaceChildren();
    hear(summary);
    seen = counts.get(chosen.status)?.count ?? 0;
    showCounts();
    append(page);
    if (focus) (place.queue.querySelector("moderation-card") ?? place["queue-title"]).focus();
  } catch (failure) {
    if (mine === turn) complain(`${failure.message} The list is not up to date.`);
  } finally {
    place.queue.removeAttribute("aria-busy");
  }
}

function append({ comments, next_cursor }) {
  for (const item of comments) {
    const row = document.createElement("li");
    row.append(document.createElement("moderation-card").show(item));
    place.queue.append(row);
  }
  cursor = next_cursor;
  place.more.hidden = !cursor;
  place.empty.hidden = place.queue.childElementCount > 0;
}

async function loadMore() {
  const mine = turn;
  const before = place.queue.childElementCount;
  try {
    const page = await ask(`/v1/admin/comments?${query({ ...chosen, cursor })}`);
    if (mine !== turn) return;
    append(page);
    place.queue.children[before]?.firstChild.focus();
  } catch (failure) {
    if (token) complain(failure.message);
  }
}

/* Counts and news */

function hear({ queues }) {
  counts = new Map(queues.map((queue) => [queue.queue, queue]));
  // This page shows all that is rejected as one.
  const [rejected, spam] = ["rejected", "spam"].map((name) => counts.get(name)?.count ?? 0);
  counts.set("rejected", { ...counts.get("rejected"), count: rejected + spam });
}

function oldest(moment) {
  const minutes = Math.max(0, (Date.now() - new Date(moment)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return age.format(-Math.round(minutes), "minute");
  return minutes < 2_880 ? age.format(-Math.round(minutes / 60), "hour") : age.format(-Math.round(minutes / 1_440), "day");
}

function showCounts() {
  for (const link of place.queues.querySelectorAll("a")) {
    const { status } = link.dataset;
    const { count = 0, oldest: since } = counts.get(status) ?? {};
    link.href = `?${query({ ...chosen, status })}`;
    link.ariaCurrent = status === chosen.status ? "page" : null;
    link.children[0].textContent = number.format(count);
    link.children[1].textContent = since && ["held", "pending"].includes(status) ? `oldest ${oldest(since)}` : "";
  }
  const news = (counts.get(chosen.status)?.count ?? 0) - seen;
  say(place["news-text"], news > 0 ? `${number.format(news)} new` : "Nothing new");
  place.news.toggleAttribute("data-new", news > 0);
  place.refresh.textContent = news > 0 ? "Show" : "Refresh";
}

/** Text into a live region, which is read out only when it changes. */
function say(region, sentence) {
  if (region.textContent !== sentence) region.textContent = sentence;
}

async function poll() {
  if (!token || document.hidden || place.desk.hidden) return;
  const mine = turn;
  try {
    const summary = await ask(`/v1/admin/queues?${query({ site: chosen.site })}`);
    if (mine !== turn) return;
    hear(summary);
    showCounts();
  } catch {
    if (token) say(place["news-text"], "The counts could not be refreshed.");
  }
}

/** Our own decision is no news: both queues are counted on before the next summary comes. */
function recount(from, to) {
  for (const [status, change] of [[from, -1], [to, 1]]) {
    const queue = counts.get(status);
    if (queue) counts.set(status, { ...queue, count: Math.max(0, queue.count + change) });
    if (status === chosen.status) seen += change;
  }
  showCounts();
}

/* Deciding */

const decisionPath = (id) => `/v1/admin/comments/${encodeURIComponent(id)}/decision`;
const standing = ({ awaiting, status }) => awaiting ?? status;

async function decide({ target: card, detail }) {
  const { item } = card;
  const mine = turn;
  try {
    const answer = await ask(decisionPath(item.id), { ...detail, revision: item.revision });
    if (mine !== turn) return;
    settle(card, detail, answer);
  } catch (failure) {
    if (!token) return;
    if (failure.status === 409) card.complain(failure.message, { stale: true });
    else if (failure.status) card.complain(`${failure.message} Nothing was decided.`);
    else card.complain(`${failure.message} Whether this was decided is not known: reload it to see.`, { stale: true });
  }
}

function settle(card, { action, reasons }, answer) {
  const row = card.parentElement;
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  const focused = row.contains(document.activeElement) || document.activeElement === document.body;
  row.remove();
  if (focused) (neighbour?.firstChild ?? place["queue-title"]).focus();
  place.empty.hidden = place.queue.childElementCount > 0;
  if (!neighbour && cursor) loadMore();
  recount(standing(card.item), standing(answer));
  const why = reasons.length > 0 ? ` (${reasons.join(", ").replaceAll("_", " ")})` : "";
  // What an edit replaced cannot be brought back by a decision, so nothing is promised.
  last = card.item.edit ? null : { card, row, neighbour, answer };
  toast(`${DONE[action]}${why}: the comment by ${card.item.author?.name ?? "someone"}.`);
}

/** Taking back is a decision too: it goes into the record, after the one it corrects. */
async function undo() {
  if (!last) return;
  const { card, row, neighbour, answer } = last;
  const action = BACK[card.item.status];
  last = null;
  toast("Taking it back …");
  try {
    const reasons = action === "reject" ? (card.item.decision?.reasons ?? []).map(({ code }) => code) : [];
    const body = { action, reasons: action === "reject" && reasons.length === 0 ? ["other"] : reasons, note: "Taken back", revision: answer.revision };
    const now = await ask(decisionPath(card.item.id), body);
    recount(standing(answer), standing(now));
    toast(`Taken back: the comment by ${card.item.author?.name ?? "someone"} is ${now.status} again.`);
    if (now.status !== chosen.status) return;
    card.show(await ask(`/v1/admin/comments/${encodeURIComponent(card.item.id)}`));
    place.queue.insertBefore(row, neighbour?.isConnected && neighbour.parentElement === place.queue ? neighbour : null);
    place.empty.hidden = true;
    card.focus();
  } catch (failure) {
    if (token) toast(`It could not be taken back: ${failure.message}`);
  }
}

function toast(sentence) {
  place["toast-text"].textContent = sentence;
  place.toast.toggleAttribute("data-shown", Boolean(sentence));
  place.undo.hidden = !last || !sentence;
  place.dismiss.hidden = !sentence;
}

function dismiss() {
  last = null;
  toast("");
  (current?.isConnected ? current : place["queue-title"]).focus();
}

async function reload({ target: card }) {
  try {
    card.show(await ask(`/v1/admin/comments/${encodeURIComponent(card.item.id)}`)).focus();
  } catch (failure) {
    if (token) card.complain(failure.message, { stale: true });
  }
}

async function context({ target: card }) {
  try {
    card.showContext(await ask(`/v1/admin/comments/${encodeURIComponent(card.item.id)}`));
  } catch (failure) {
    if (token) card.failContext(failure.message);
  }
}

/* Keys */

function step(by) {
  const cards = [...place.queue.querySelectorAll("moderation-card")];
  const at = cards.indexOf(current);
  (at < 0 ? cards[0] : cards[Math.min(Math.max(at + by, 0), cards.length - 1)])?.focus();
}

const PRESSED = {
  j: () => step(1),
  k: () => step(-1),
  a: (card) => card.press("approve"),
  r: (card) => card.press("reject"),
  h: (card) => card.press("hold"),
  c: (card) => card.press("context"),
  z: () => undo(),
  "?": () => place.help.showModal(),
};

/** Listens on the list alone: elsewhere on the page a letter is a letter. */
function pressed(event) {
  const card = event.target.closest("moderation-card");
  if (!card) return;
  if (event.key === "Escape" && card.choosing) return card.closeReasons();
  if (!place.keys.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input")) return;
  if (card.choosing) {
    // Enter on a button presses that button; anywhere else it means "other".
    if (event.key === "Enter" && event.target.closest("button")) return;
    if (card.choose(event.key)) event.preventDefault();
  } else if (Object.hasOwn(PRESSED, event.key)) {
    event.preventDefault();
    PRESSED[event.key](card);
  }
}

/* What is wired to what */

for (const status of QUEUES) {
  const link = Object.assign(document.createElement("a"), { href: `?status=${status}` });
  link.dataset.status = status;
  const count = Object.assign(document.createElement("b"), { textContent: "–" });
  link.append(`${status[0].toUpperCase()}${status.slice(1)} `, count, Object.assign(document.createElement("small"), { className: "quiet" }));
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose({ status });
  });
  const row = document.createElement("li");
  row.append(link);
  place.queues.append(row);
}

place["sign-in"].addEventListener("submit", (event) => {
  event.preventDefault();
  token = place.token.value.trim();
  place.token.value = "";
  // A header takes these characters only; anything else is a slip of the clipboard.
  if (!/^[\x21-\x7e]+$/.test(token)) return leave("A token has no spaces and no accents in it. Please copy it again.");
  tab.setItem(TOKEN, token);
  enter();
});
place.forget.addEventListener("click", () => leave());
place.site.addEventListener("change", () => choose({ site: place.site.value }));
place.more.addEventListener("click", loadMore);
place.refresh.addEventListener("click", () => openQueue({ focus: true }));
place.previous.addEventListener("click", () => step(-1));
place.next.addEventListener("click", () => step(1));
place["help-open"].addEventListener("click", () => place.help.showModal());
place.undo.addEventListener("click", undo);
place.dismiss.addEventListener("click", dismiss);
place.keys.checked = browser.getItem(KEYS) !== "off";
place.keys.addEventListener("change", () => browser.setItem(KEYS, place.keys.checked ? "on" : "off"));
place.queue.addEventListener("keydown", pressed);
place.queue.addEventListener("focusin", (event) => (current = event.target.closest("moderation-card")));
for (const [name, listener] of Object.entries({ decide, reload, context })) place.queue.addEventListener(`card:${name}`, listener);
addEventListener("popstate", () => {
  readAddress();
  if (token) openQueue();
});
setInterval(poll, POLL_SECONDS * 1000);

if (token) enter();
else leave();
