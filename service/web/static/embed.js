/* The comments of one story, as a custom element on a publisher's page.
 *
 *   <greenroom-comments site="daily"><a href="https://talk.example/daily/t?url=…">Comments</a></greenroom-comments>
 *   <script type="module" src="https://talk.example/embed.js"></script>
 *
 * The link inside is what people see until the comments are here, and whenever they cannot come. This file keeps
 * nothing on the reader's device, asks no host but its own, and needs neither inline styles nor eval. The service's
 * html is never given to innerHTML: it is parsed into a document without scripts and rebuilt from a short list of
 * elements, a second gate behind the server's. One file, longer than our others: a page should ask for one only.
 */

const service = new URL(import.meta.url).origin;

const number = new Intl.NumberFormat("en");
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
const howMany = (count) => `${number.format(count)} ${count === 1 ? "comment" : "comments"}`;

const words = {
  heading: (count, closed) => (count ? howMany(count) : closed ? "No comments" : "Be the first to comment"),
  show: "Show comments",
  loading: "Comments are loading …",
  away: "The comments could not be loaded.",
  silence: "No answer came from the comment service.",
  again: "Try again",
  more: "Show more comments",
  removed: "This comment was removed.",
  closed: "Comments are closed.",
  edited: "edited",
  reply: "Reply",
  leave: "Leave a Reply",
  cancel: "Cancel",
  post: "Post Comment",
  sending: "Sending …",
  private: "Your email address will not be published.",
  thanks: "Thank you. Your comment waits for approval.",
  only: "Only you can see this yet",
  kept: "Your text is still here.",
  mend: "Please look at the marked fields.",
  tooLong: (over) => `Too long by ${number.format(over)}.`,
  missing: { name: "Please write your name.", email: "Please write your email address.", text: "Please write a comment." },
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host{--accent:var(--greenroom-accent,light-dark(#1a6b4a,#86d0ab));--text:var(--greenroom-text,light-dark(#1d2521,#e6ebe7));
--surface:var(--greenroom-surface,light-dark(#fff,#161c19));--border:var(--greenroom-border,light-dark(#7b8881,#7a8a81));
--radius:var(--greenroom-radius,.4em);--space:var(--greenroom-space,1em);--quiet:color-mix(in srgb,var(--text) 74%,transparent);
--line:color-mix(in srgb,var(--border) 35%,transparent);--bad:light-dark(#a4262c,#ff9d96);display:block;position:relative;background:var(--surface)}
/* A page's rules reach the element itself and would be inherited from it: of those only what is named here comes in. */
section{all:initial;display:block;visibility:inherit;pointer-events:inherit;color-scheme:inherit;background:var(--surface);color:var(--text);
font-family:var(--greenroom-font,inherit);font-size:max(1em,13px);line-height:1.55;text-align:start;overflow-wrap:anywhere}
/* "auto" follows the page: a page that declares its colour scheme is matched, any other stays light. */
:host([theme=light]){color-scheme:light}:host([theme=dark]){color-scheme:dark}:host([hidden]){display:none}
:host([theme=light]),:host([theme=dark]){padding:var(--space);border-radius:var(--radius)}
:host(:not([data-loaded])){min-block-size:9em}
*{box-sizing:border-box}[hidden]{display:none!important}
/* Our words keep their order on a page of another direction, and stand where that page sets its words. */
h2,h3,p,label,header>*,header time,.count{unicode-bidi:plaintext;text-align:-webkit-match-parent;text-align:match-parent}.body p{text-align:start}
h2,h3,p,ol{margin:0;padding:0}section>p{margin-block-end:.6em}h2{font-size:1.4em;line-height:1.25}h3{font-size:1.15em;line-height:1.3}
ol{list-style:none}section>ol{margin-block:var(--space)}
a{color:var(--accent);text-underline-offset:.15em}
article{padding-block:var(--space) .25em;border-block-start:1px solid var(--line);scroll-margin-block-start:5em}
.replies{padding-inline-start:clamp(.6em,2.5vw,1.6em);border-inline-start:2px solid var(--line)}
.replies .replies .replies .replies{padding:0;border:0}.replies article{border:0;padding-block-start:.5em}
header{display:flex;flex-wrap:wrap;gap:0 .75em;align-items:baseline}
header b{font-weight:650}header a,.quiet,.note,.count{color:var(--quiet);font-size:.875em}
header a{display:inline-flex;align-items:center;min-block-size:44px;margin-block:min(0px,(1lh - 44px)/2);text-decoration:none}header a:hover{text-decoration:underline}
.body{overflow:clip;overflow-clip-margin:.2em;margin-block:.35em}.body>*+*{margin-block-start:.7em}.own .body{white-space:pre-wrap}
blockquote{margin:0;padding-inline-start:1em;border-inline-start:3px solid var(--line);color:var(--quiet)}
pre{margin:0;padding:.6em .8em;white-space:pre-wrap;border:1px solid var(--line);border-radius:var(--radius)}code{font:.92em/1.5 ui-monospace,monospace}
.own article{border:1px dashed var(--border);border-radius:var(--radius);padding:var(--space);margin-block:.5em}
.removed{color:var(--quiet);font-style:italic}
button{font:inherit;min-block-size:44px;min-inline-size:44px;padding:.4em 1.1em;border:1px solid var(--border);border-radius:var(--radius);
background:none;color:inherit;cursor:pointer}
button.plain{border-color:transparent;padding-inline:.6em;margin-inline-start:-.6em;color:var(--accent);font-size:.9em;font-weight:600}
button.strong{background:var(--accent);border-color:var(--accent);color:light-dark(#fff,#0d1712);font-weight:600}
button:hover{text-decoration:underline}button[aria-disabled]{opacity:.7;cursor:default}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
form{margin-block:var(--space);padding:var(--space);border:1px solid var(--line);border-radius:var(--radius);display:grid;gap:var(--space)}
label{display:block;font-weight:600}label span{font-weight:400;color:var(--quiet)}
input,textarea{display:block;inline-size:100%;font:inherit;color:inherit;background:var(--surface);border:1px solid var(--border);
border-radius:var(--radius);padding:.55em .7em;min-block-size:44px}textarea{min-block-size:8em}
[aria-invalid=true]{border-color:var(--bad);box-shadow:0 0 0 1px var(--bad)}
.alert,.error{color:var(--bad)}.alert:empty,.error:empty{display:none}.alert{border-inline-start:4px solid;padding-inline-start:.7em}.error{font-size:.92em}label,.thanks{margin-block-end:.25em}input~p,textarea~p{margin-block-start:.35em}
.row{display:flex;flex-wrap:wrap;gap:.6em;align-items:center}
.unseen{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);}
.two{display:grid;gap:var(--space);grid-template-columns:repeat(auto-fit,minmax(min(100%,15em),1fr))}
`);

/** A new element. False, null and undefined attributes are left out; a function listens to the event of that name. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value != null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** The service's answer as an object, or an Error whose message may be shown to people. */
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(service + path, { credentials: "omit", signal: AbortSignal.timeout(20_000), ...options });
  } catch {
    throw new Error(words.silence);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw Object.assign(new Error(answer?.detail || answer?.title || words.silence), { errors: answer?.errors ?? [] });
}

function webAddress(text, base) {
  try {
    const url = new URL(text, base);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const KEPT = new Set(["P", "BR", "EM", "STRONG", "BLOCKQUOTE", "CODE", "PRE", "A"]);
const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "SVG", "MATH", "TITLE", "TEXTAREA"]);

/** Copies of the allowed nodes. What is not allowed gives way to its text, what never holds prose is dropped. */
function rebuilt(nodes) {
  return [...nodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.nodeName.toUpperCase())) return [];
    const inner = rebuilt(node.childNodes);
    if (!KEPT.has(node.nodeName)) return inner;
    if (node.nodeName !== "A") return [make(node.nodeName, {}, inner)];
    const href = webAddress(node.getAttribute("href"));
    return href ? [make("a", { href, rel: "nofollow ugc noopener" }, inner)] : inner;
  });
}

const STEPS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

function timeElement(moment) {
  const date = new Date(moment);
  const seconds = (date - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  // A reader's clock that is behind must not date a comment into the future.
  const text = unit === "second" ? "just now" : ago.format(Math.min(0, Math.trunc(seconds / size)), unit);
  return make("time", { datetime: moment, title: exact.format(date) }, text);
}

const newKey = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

class GreenroomComments extends HTMLElement {
  static observedAttributes = ["site", "url", "thread"];
  #root = this.attachShadow({ mode: "open" });
  #box = make("section", { lang: "en", "aria-label": "Comments" });
  // Live regions are here before anything is said in them; only then are they read out.
  #status = make("p", { role: "status", class: "unseen" });
  #life = null; // ends listeners and the watch when the element leaves the page
  #turn = 0; // an answer to an older question than the last is dropped
  #thread = null;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.append(this.#status, this.#box);
  }

  connectedCallback() {
    this.#life = new AbortController();
    addEventListener("hashchange", () => this.#reveal(), { signal: this.#life.signal });
    if (!this.#thread) this.#begin();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }

  attributeChangedCallback(name, before, after) {
    if (this.#life && this.isConnected && before !== after) this.#begin();
  }

  get site() {
    return this.getAttribute("site") ?? "";
  }

  /** The story's address: said on the element, else the page's canonical link, else where we are. */
  get url() {
    const said = this.getAttribute("url") || document.querySelector("link[rel~=canonical]")?.href;
    return (said && webAddress(said, document.baseURI)) || location.origin + location.pathname;
  }

  get thread() {
    return this.getAttribute("thread") || null;
  }

  #begin() {
    this.#turn += 1;
    this.#thread = null;
    this.removeAttribute("data-loaded");
    const way = this.getAttribute("loading");
    this.#box.replaceChildren(make("p", {}, make("slot")), way === "manual" ? this.#button(words.show, () => this.load()) : "");
    if (way === "eager" || (way !== "manual" && location.hash.startsWith("#greenroom-"))) this.load();
    else if (way !== "manual") this.#watch();
  }

  #watch() {
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        if (!this.#thread) this.load();
      },
      { rootMargin: "400px" },
    );
    observer.observe(this);
    this.#life.signal.addEventListener("abort", () => observer.disconnect());
  }

  #query(cursor) {
    const query = new URLSearchParams({ site: this.site, view: "tree" });
    query.set(this.thread ? "thread" : "url", this.thread ?? this.url);
    if (cursor) query.set("cursor", cursor);
    return `/v1/threads?${query}`;
  }

  /** Fetches and shows the comments; what loading="manual" waits for. */
  async load() {
    const turn = ++this.#turn;
    this.#status.textContent = words.loading;
    this.#box.setAttribute("aria-busy", "true");
    try {
      const thread = await ask(this.#query());
      if (turn === this.#turn) this.#show(thread);
    } catch (failure) {
      if (turn === this.#turn) this.#apologise(failure);
    } finally {
      if (turn === this.#turn) this.#box.removeAttribute("aria-busy");
    }
  }

  #apologise(failure) {
    this.#status.textContent = words.away;
    const again = this.#button(words.again, () => this.load().then(() => this.#box.querySelector("h2, button").focus()));
    this.#box.replaceChildren(make("p", {}, `${words.away} ${failure.message}`), make("p", {}, make("slot")), again);
  }

  #button(text, click, attributes = {}) {
    return make("button", { type: "button", part: "button", click, ...attributes }, text);
  }

  #show(thread) {
    this.#thread = thread;
    this.#status.textContent = "";
    this.list = make("ol", {}, this.#items(thread.comments, null, 1));
    this.home = make("div", {}, thread.closed ? make("p", { class: "quiet" }, words.closed) : new Composer(this).form);
    const heading = make("h2", { tabindex: -1 }, words.heading(thread.count, thread.closed));
    this.#box.replaceChildren(heading, this.list, this.#moreButton(thread.next_cursor), this.home);
    this.setAttribute("data-loaded", "");
    this.#reveal();
    this.tell("loaded", { count: thread.count, closed: thread.closed });
    this.tell("count", { count: thread.count });
  }

  /** An event for the page around us. Never put what a person typed into it. */
  tell(name, detail) {
    const where = { site: this.site, url: this.url, thread: this.thread };
    this.dispatchEvent(new CustomEvent(`greenroom:${name}`, { bubbles: true, composed: true, detail: { ...where, ...detail } }));
  }

  say(sentence) {
    this.#status.textContent = sentence;
  }

  get answer() {
    return this.#thread;
  }

  #reveal() {
    const target = /^#greenroom-./.test(location.hash) && this.#root.getElementById(location.hash.slice(1));
    if (!target) return;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  #items(nodes, parent, level) {
    // The service pages by time: a comment that moved to the next page meanwhile must not be shown twice.
    const fresh = nodes.filter((node) => !this.#root.getElementById(`greenroom-${node.id}`));
    return fresh.map((node) => {
      const replies = this.#items(node.replies ?? [], node, level + 1);
      return make("li", {}, this.#comment(node, parent, level), replies.length > 0 && make("ol", { class: "replies" }, replies));
    });
  }

  #comment(node, parent, level) {
    const id = `greenroom-${node.id}`;
    const frame = { id, tabindex: -1, part: "comment" };
    if (node.status === "removed") return make("article", frame, make("p", { class: "removed" }, words.removed));
    const name = node.author?.name ?? "";
    const when = make("a", { href: `${location.href.split("#")[0]}#${id}` }, timeElement(node.created_at));
    const edited = node.edited_at && make("span", { class: "quiet", title: exact.format(new Date(node.edited_at)) }, words.edited);
    // Deeper than four steps nothing is indented any more, so that the words have to say whose reply it is.
    const to = level > 4 && parent?.author && make("span", { class: "quiet" }, "to ", make("bdi", {}, parent.author.name));
    const author = make("b", { id: `${id}-author`, part: "author" }, make("bdi", {}, name));
    const body = new DOMParser().parseFromString(node.html ?? "", "text/html").body;
    const reply = this.#button(words.reply, (event) => this.composer.open(node, event.currentTarget), { class: "plain", "aria-label": `${words.reply} to ${name}` });
    return make(
      "article",
      { ...frame, "aria-labelledby": `${id}-author` },
      make("header", {}, author, to, when, edited),
      make("div", { class: "body", dir: "auto" }, rebuilt(body.childNodes)),
      this.#thread.closed ? null : reply,
    );
  }

  #moreButton(cursor) {
    if (!cursor) return "";
    const trouble = make("p", { role: "alert", class: "alert" });
    const button = this.#button(words.more, async () => {
      if (button.ariaDisabled) return;
      button.ariaDisabled = "true";
      trouble.textContent = "";
      try {
        const next = await ask(this.#query(cursor));
        const items = this.#items(next.comments, null, 1);
        this.list.append(...items);
        box.replaceWith(this.#moreButton(next.next_cursor));
        items[0]?.querySelector("article").focus();
      } catch (failure) {
        trouble.textContent = failure.message;
        button.ariaDisabled = null;
      }
    });
    const box = make("div", {}, button, trouble);
    return box;
  }
}

/* The one form of a thread. It moves to the comment that is answered and back, and takes its text along. */
class Composer {
  constructor(host) {
    this.host = host;
    host.composer = this;
    const { email_required: needed, name_max } = host.answer;
    this.title = make("h3", { id: "title" }, words.leave);
    this.alert = make("p", { role: "alert", class: "alert" });
    this.counter = make("p", { id: "text-note", class: "count" });
    this.button = make("button", { type: "submit", part: "button", class: "strong" }, words.post);
    this.cancel = make("button", { type: "button", part: "button", hidden: true, click: () => this.close() }, words.cancel);
    const note = make("p", { id: "email-note", class: "note" }, words.private);
    this.form = make(
      "form",
      { part: "form", novalidate: true, "aria-labelledby": "title", submit: (event) => this.submit(event), focusin: () => (this.begun ??= performance.now()), input: () => this.count() },
      this.title,
      this.alert,
      make(
        "div",
        { class: "two" },
        this.field("name", "Name", true, make("input", { maxlength: name_max, autocomplete: "name" })),
        this.field("email", "Email", needed, make("input", { type: "email", autocomplete: "email", maxlength: 254 }), note),
      ),
      this.field("text", "Comment", true, make("textarea", { rows: 6, dir: "auto" }), this.counter),
      make("div", { class: "unseen", "aria-hidden": "true" }, make("label", {}, "Leave this empty ", make("input", { name: "website", tabindex: -1, autocomplete: "off" }))),
      make("div", { class: "row" }, this.button, this.cancel),
    );
    this.count();
  }

  field(name, label, required, input, note) {
    const hints = [note?.id, `${name}-error`].filter(Boolean).join(" ");
    for (const [key, value] of Object.entries({ id: name, name, "aria-describedby": hints })) input.setAttribute(key, value);
    input.ariaRequired = String(Boolean(required));
    const title = make("label", { for: name }, `${label} `, make("span", {}, required ? "(required)" : "(optional)"));
    return make("div", {}, title, input, make("p", { id: `${name}-error`, class: "error" }), note);
  }

  value(name) {
    return this.form.elements[name].value.trim();
  }

  /** How many characters too long the text is, counted by code points as the service does. */
  count() {
    const [length, most] = [[...this.value("text")].length, this.host.answer.text_max];
    this.counter.textContent = `${number.format(length)} of ${number.format(most)} characters`;
    const over = Math.max(0, length - most);
    if (over > 0 && !this.over) this.host.say(words.tooLong(over));
    this.over = over;
    return over;
  }

  open(node, opener) {
    this.parent = node;
    this.opener = opener;
    this.title.replaceChildren(`${words.leave} to `, make("bdi", {}, node.author.name));
    this.cancel.hidden = false;
    opener.closest("article").after(this.form);
    this.form.elements[["name", "email", "text"].find((name) => !this.value(name)) ?? "text"].focus();
  }

  close() {
    const opener = this.opener;
    this.parent = this.opener = null;
    this.title.textContent = words.leave;
    this.cancel.hidden = true;
    this.host.home.append(this.form);
    opener?.focus();
  }

  /** Puts each sentence beside its field; what belongs to no field of ours goes above them all. */
  complain(sentence, errors = []) {
    const byField = new Map(errors.map(({ pointer, detail }) => [String(pointer).split("/").pop(), detail]));
    for (const name of ["name", "email", "text"]) {
      const input = this.form.elements[name];
      input.ariaInvalid = byField.has(name) ? "true" : null;
      input.nextElementSibling.textContent = byField.get(name) ?? "";
      byField.delete(name);
    }
    this.alert.textContent = [sentence, ...byField.values()].filter(Boolean).join(" ");
    if (sentence) (this.form.querySelector("[aria-invalid=true]") ?? this.button).focus();
  }

  /** What can be said without asking: the service looks at everything again. */
  faults() {
    const needed = ["name", ...(this.host.answer.email_required ? ["email"] : []), "text"];
    const faults = needed.filter((name) => !this.value(name)).map((name) => ({ pointer: `/${name}`, detail: words.missing[name] }));
    if (this.count()) faults.push({ pointer: "/text", detail: words.tooLong(this.count()) });
    return faults;
  }

  body() {
    const { host } = this;
    const title = document.querySelector('meta[property="og:title"]')?.content || document.title;
    const seconds = (performance.now() - (this.begun ?? performance.now())) / 1000;
    return JSON.stringify({
      site: host.site,
      url: host.url,
      thread: host.thread ?? undefined,
      title: [...title.trim()].slice(0, 200).join("") || undefined,
      parent_id: this.parent?.id,
      author: { name: this.value("name"), email: this.value("email") || undefined },
      text: this.form.elements.text.value,
      form: { trap: this.form.elements.website.value, seconds: Math.round(seconds * 10) / 10 },
    });
  }

  async submit(event) {
    event.preventDefault();
    if (this.sending) return;
    const faults = this.faults();
    this.complain(faults.length && words.mend, faults);
    if (faults.length) return;
    // A second try of the same words sends the same bytes under the same key: the service takes them once.
    const said = JSON.stringify([this.parent?.id, ...["name", "email", "text"].map((name) => this.value(name))]);
    if (said !== this.attempt?.said) this.attempt = { said, key: newKey(), body: this.body() };
    this.busy(true);
    try {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": this.attempt.key };
      this.thank(await ask("/v1/comments", { method: "POST", headers, body: this.attempt.body }));
    } catch (failure) {
      this.complain(`${failure.message} ${words.kept}`, failure.errors);
    } finally {
      this.busy(false);
    }
  }

  busy(sending) {
    this.sending = sending;
    this.button.ariaDisabled = sending ? "true" : null;
    this.button.textContent = sending ? words.sending : words.post;
  }

  thank(receipt) {
    const [name, text] = [this.value("name"), this.form.elements.text.value];
    const message = make("p", { tabindex: -1, class: "thanks" }, words.thanks);
    const header = make("header", {}, make("b", { part: "author" }, make("bdi", {}, name)), make("span", { class: "quiet" }, words.only));
    const own = make("li", { class: "own" }, make("article", { part: "comment" }, message, header, make("div", { class: "body", dir: "auto" }, text)));
    let list = this.host.list;
    if (this.parent) {
      const above = this.opener.closest("li");
      list = above.querySelector(":scope > ol") ?? above.appendChild(make("ol", { class: "replies" }));
    }
    list.append(own);
    this.form.reset();
    this.attempt = this.begun = null;
    this.opener = null;
    this.close();
    this.count();
    this.host.say(words.thanks);
    message.focus();
    this.host.tell("submitted", { id: receipt.id, status: receipt.status });
  }
}

/** Writes "3 comments" into every element whose data-greenroom-count names a story: one request for a site. */
export async function fillCounts(root = document) {
  const bySite = new Map();
  for (const place of root.querySelectorAll("[data-greenroom-count]")) {
    const site = place.closest("[data-greenroom-site]")?.dataset.greenroomSite ?? document.querySelector("greenroom-comments")?.getAttribute("site");
    const story = webAddress(place.dataset.greenroomCount, document.baseURI);
    if (!site || !story) continue;
    // Answers name a story without query and fragment; those need not leave the page either.
    const { origin, pathname } = new URL(story);
    const url = origin + pathname;
    const places = bySite.get(site) ?? bySite.set(site, new Map()).get(site);
    places.set(url, [...(places.get(url) ?? []), place]);
  }
  for (const [site, places] of bySite) {
    const urls = [...places.keys()].slice(0, 100);
    const query = new URLSearchParams([["site", site], ...urls.map((url) => ["url", url])]);
    // A count is an ornament: where it cannot come, the page's own words stay.
    const { counts = [] } = await ask(`/v1/counts?${query}`).catch(() => ({}));
    for (const { url, count } of counts) for (const place of places.get(url) ?? []) place.textContent = howMany(count);
  }
}

// The script may be on a page twice, in two versions even: the first to come stays.
if (!customElements.get("greenroom-comments")) {
  customElements.define("greenroom-comments", GreenroomComments);
  fillCounts();
}
