/* The comments of one story, as a custom element on a publisher's page.
 *
 *   <greenroom-comments site="daily"><a href="https://talk.example/daily/t?url=…">Comments</a></greenroom-comments>
 *   <script type="module" src="https://talk.example/embed.js"></script>
 *
 * The link inside is what people see until the comments are here, and whenever they cannot come. This file draws what
 * is seen first; what readers do is in form.js, own.js and deeds.js, which come when they are needed. It asks no host but its
 * own, and needs neither inline styles nor eval. The service's html is never given to innerHTML: it is parsed into a
 * document without scripts and rebuilt from a short list of elements, a second gate behind the server's.
 */

const service = new URL(import.meta.url).origin;
// The service writes the version of all parts here, so that they are never of two versions.
const parts = `${service}/embed/@version@/`;
const languages = "@languages@".split(" ");

const english = {
  comments: { one: "{n} comment", other: "{n} comments" },
  first: "Be the first to comment",
  none: "No comments",
  show: "Show comments",
  loading: "Comments are loading …",
  away: "The comments could not be loaded.",
  silence: "No answer came from the comment service.",
  again: "Try again",
  more: "Show more comments",
  removed: "This comment was removed.",
  closed: "Comments are closed.",
  edited: "edited",
  now: "just now",
  to: "in reply to {name}",
  replies: { one: "{n} reply", other: "{n} replies" },
  sort: "Sort by",
  oldest: "Oldest first",
  newest: "Newest first",
  most_liked: "Most liked",
  staff: "Staff",
  picked: "Editor’s pick",
  reply: "Reply",
  replyTo: "Reply to {name}",
  like: "Like",
  likeOf: { one: "Like the comment by {name}: {n} like", other: "Like the comment by {name}: {n} likes" },
  share: "Share",
  shareOf: "Share the comment by {name}",
  report: "Report",
  reportOf: "Report the comment by {name}",
  leave: "Leave a Reply",
  cancel: "Cancel",
  post: "Post Comment",
  private: "Your email address will not be published.",
  required: "(required)",
  optional: "(optional)",
  name: "Name",
  email: "Email",
  text: "Comment",
  preview: "Preview",
  trap: "Leave this empty",
  characters: "{n} of {most} characters",
  remember: "Remember me on this device (never the address)",
  kept: "Your text is still here.",
  region: "Comments",
};

/** One language: how it says things. A sentence comes in pieces: what stands in braces is replaced by its value, which
 * may be an element. */
function voice(lang, words = {}) {
  // In Arabic browsers differ about the digits; our own page has these.
  const ways = `${lang}-u-nu-latn`;
  const number = new Intl.NumberFormat(ways);
  const plural = new Intl.PluralRules(ways);
  const pieces = (key, values = {}) => {
    let said = words[key] ?? english[key] ?? key;
    if (typeof said === "object") said = said[plural.select(values.n)] ?? said.other;
    const filled = (name) => (typeof values[name] === "number" ? number.format(values[name]) : values[name]);
    return said.split(/\{(\w+)\}/).map((piece, at) => (at % 2 ? filled(piece) : piece));
  };
  return {
    lang,
    dir: words.dir ?? "ltr",
    pieces,
    t: (key, values) => pieces(key, values).join(""),
    knows: (key) => (words[key] ?? english[key]) != null,
    number: (n) => number.format(n),
    ago: new Intl.RelativeTimeFormat(ways, { numeric: "auto" }),
    exact: new Intl.DateTimeFormat(lang === "en" ? "en-GB" : ways, { dateStyle: "long", timeStyle: "short" }),
  };
}

const voices = { en: voice("en") };

/** The voice of a language: English is here, any other comes once; where it cannot come, English speaks. */
function speak(lang) {
  voices[lang] ??= fetch(`${parts}words/${lang}.json`, { credentials: "omit", signal: AbortSignal.timeout(8_000) })
    .then((response) => (response.ok ? response.json() : Promise.reject()))
    .then((words) => voice(lang, words))
    .catch(() => {
      delete voices[lang];
      return voices.en;
    });
  return voices[lang];
}

/** The language of a place on the page, else of the browser, as far as it is one of ours. */
function languageOf(place) {
  const said = (place.closest("[lang]") ?? document.documentElement).lang || navigator.language || "";
  const lang = said.split(/[-_]/)[0].toLowerCase();
  return languages.includes(lang) ? lang : null;
}

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
/* As high as an empty thread with its form, so that what stands below is not pushed about when it comes. */
:host(:not([data-loaded=closed],[loading=manual])){min-block-size:40em;@media(width<36em){min-block-size:47em}}
*{box-sizing:border-box}[hidden]{display:none!important}
/* Our words keep their order on a page of another direction, and stand where that page sets its words. */
h2,h3,p,label,header>*,header time,.count{unicode-bidi:plaintext;text-align:-webkit-match-parent;text-align:match-parent}.body p{text-align:start}
h2,h3,p,ol{margin:0;padding:0}section>p{margin-block-end:.6em}h2{font-size:1.4em;line-height:1.25}h3{font-size:1.15em;line-height:1.3}
ol{list-style:none}.list{margin-block:var(--space)}
a{color:var(--accent);text-underline-offset:.15em}
article{padding-block:var(--space) .25em;border-block-start:1px solid var(--line);scroll-margin-block-start:5em}
article[data-here]{border-inline-start:4px solid var(--accent);padding-inline-start:.8em}
.replies{padding-inline-start:clamp(.6em,2.5vw,1.6em);border-inline-start:2px solid var(--line)}
.replies .replies .replies .replies{padding:0;border:0}.replies article{border:0;padding-block-start:.5em}
summary{display:inline-flex;align-items:center;min-block-size:44px;color:var(--quiet);font-size:.875em;cursor:pointer}
summary::before{content:"▾";margin-inline-end:.4em}details:not([open])>summary::before{content:"▸"}
[dir=rtl] details:not([open])>summary::before{content:"◂"}
header,.row,.head{display:flex;flex-wrap:wrap;gap:0 .75em;align-items:baseline}.row,.head{gap:.6em;align-items:center}label>select{margin-block:.35em}.head h2{flex:auto}
header b{font-weight:650}header a,.quiet,.note,.count{color:var(--quiet);font-size:.875em}
.badge{border:1px solid currentcolor;border-radius:1em;padding:0 .6em;color:var(--accent);font-size:.8em;font-weight:600}
header a{display:inline-flex;align-items:center;min-block-size:44px;margin-block:min(0px,(1lh - 44px)/2);text-decoration:none}header a:hover{text-decoration:underline}
.note a{display:inline-flex;align-items:center;min-block-size:44px}
.body{overflow:clip;overflow-clip-margin:.2em;margin-block:.35em}.body>*+*{margin-block-start:.7em}.typed{white-space:pre-wrap}
blockquote{margin:0;padding-inline-start:1em;border-inline-start:3px solid var(--line);color:var(--quiet)}
pre{margin:0;padding:.6em .8em;white-space:pre-wrap;border:1px solid var(--line);border-radius:var(--radius)}code{font:.92em/1.5 ui-monospace,monospace}
.own article{border:1px dashed var(--border);border-radius:var(--radius);padding:var(--space);margin-block:.5em}
.removed{color:var(--quiet);font-style:italic}
button,select{font:inherit;min-block-size:44px;min-inline-size:44px;padding:.4em 1.1em;border:1px solid var(--border);border-radius:var(--radius);
background:none;color:inherit;cursor:pointer}select{max-inline-size:100%;padding-inline:.6em;background:var(--surface)}
.deeds{gap:0}button.plain{border-color:transparent;padding-inline:.6em;color:var(--accent);font-size:.9em;font-weight:600}
/* In line with the words above, without reaching out of the section: from right to left a page would scroll for that. */
.deeds>button.plain{padding-inline:0 1.2em;text-align:start}
button[aria-pressed=true]{text-decoration:underline 2px}
button.strong{background:var(--accent);border-color:var(--accent);color:light-dark(#fff,#0d1712);font-weight:600}
button:hover{text-decoration:underline}button[aria-disabled]{opacity:.7;cursor:default}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
form{margin-block:var(--space);padding:var(--space);border:1px solid var(--line);border-radius:var(--radius);display:grid;grid-template-columns:minmax(0,1fr);gap:var(--space)}
label{display:block;font-weight:600}label span{font-weight:400;color:var(--quiet)}
input,textarea{display:block;inline-size:100%;font:inherit;color:inherit;background:var(--surface);border:1px solid var(--border);
border-radius:var(--radius);padding:.55em .7em;min-block-size:44px}textarea{min-block-size:8em}
[type=checkbox]{inline-size:1.4em;block-size:1.4em;min-block-size:0;accent-color:var(--accent)}.check{display:flex;gap:.6em;align-items:center;min-block-size:44px;font-weight:400}
[aria-invalid=true]{border-color:var(--bad);box-shadow:0 0 0 1px var(--bad)}
.alert,.error{color:var(--bad)}.alert:empty,.error:empty{display:none}.alert{border-inline-start:4px solid;padding-inline-start:.7em}.error{font-size:.92em}label,.thanks{margin-block-end:.25em}input~p,textarea~p{margin-block-start:.35em}
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

const button = (text, attributes) => make("button", { type: "button", part: "button", ...attributes }, text);

/** The service's answer as an object, or an Error with the service's own sentence, which the element can tell people. */
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(service + path, { credentials: "omit", signal: AbortSignal.timeout(20_000), ...options });
  } catch {
    throw Object.assign(new Error("silence"), { errors: [] });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  const { status } = response;
  const kind = String(answer?.type).split("#")[1];
  throw Object.assign(new Error(answer?.detail || answer?.title || "silence"), { status, answer, kind, errors: answer?.errors ?? [] });
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

const body = (html) =>
  make("div", { class: "body", dir: "auto" }, rebuilt(new DOMParser().parseFromString(html ?? "", "text/html").body.childNodes));

const LONG = 5; // comments, from which on the form is far away
const STEPS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

class GreenroomComments extends HTMLElement {
  static observedAttributes = ["site", "url", "thread", "lang"];
  #root = this.attachShadow({ mode: "open" });
  #box = make("section");
  // Live regions are here before anything is said in them; only then are they read out.
  #status = make("p", { role: "status", class: "unseen" });
  #life = null; // ends listeners and the watch when the element leaves the page
  #turn = 0; // an answer to an older question than the last is dropped
  #thread = null;
  #used = {}; // the parts that are here, or on their way
  #failed = 0;
  #drawn = ""; // the order in which the list stands
  voice = voices.en;
  sort = "oldest";

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.append(this.#status, this.#box);
    this.#box.addEventListener("click", ({ target }) => {
      const doing = target.closest("[data-do]");
      if (doing) this.#when(doing.dataset.part ?? "deeds", (part) => part[doing.dataset.do](doing), (sentence) => {
        const row = doing.closest(".deeds");
        row.parentElement.querySelector(":scope > .asked")?.remove();
        row.after(make("div", { class: "asked" }, make("p", { role: "alert", class: "alert" }, sentence)));
      });
    });
  }

  connectedCallback() {
    this.#life = new AbortController();
    addEventListener("hashchange", () => this.#reveal(), { signal: this.#life.signal });
    if (!this.#thread) this.#begin();
    else this.#watchNews();
  }

  disconnectedCallback() {
    this.#life?.abort();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.#life || before === after) return;
    this.#life.abort();
    this.#thread = null;
    if (this.isConnected) this.connectedCallback();
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

  /** What links to single comments begin with: the page around a frame, where we are told of one, else where we are. */
  get page() {
    return this.getAttribute("page") || location.href.split("#")[0];
  }

  /** What stands for the conversation on this device. */
  get key() {
    return `${this.site} ${this.thread ?? this.url}`;
  }

  /** What was answered last. */
  get answer() {
    return this.#thread;
  }

  /** A sentence of ours, by its key. */
  get t() {
    return this.voice.t;
  }

  /** A sentence of the service in our language, by itself or by its kind; else as it came, and marked as English. */
  told({ message, kind }) {
    let n;
    const general = message.replace(/\d[\d,]*/, (digits) => {
      n = Number(digits.replaceAll(",", ""));
      return "{n}";
    });
    const { lang, knows, t } = this.voice;
    const known = [message, general, kind].find(knows);
    if (known) return t(known, { n });
    return lang === "en" ? message : make("span", { lang: "en", dir: "ltr" }, message);
  }

  /** Finds its voice: by the place where it stands. */
  async #speak() {
    const lang = languageOf(this);
    const found = await speak(lang ?? "en");
    if (lang !== languageOf(this)) return;
    this.voice = found;
    // Where English only stands in for a language that we lack, things stay where that page has them.
    for (const part of [this.#status, this.#box]) Object.assign(part, { lang: found.lang, dir: lang ? found.dir : "" });
    this.#box.ariaLabel = this.t("region");
  }

  get life() {
    return this.#life.signal;
  }

  /** A part of this script: "form" is for writing, "deeds" for all else that readers do. Fails where it cannot come. */
  async use(name) {
    // Browsers remember that an address failed; by another one the same part may come.
    this.#used[name] ??= import(`${parts}${name}.js${this.#failed ? `?${this.#failed}` : ""}`).then((part) => new part.default(this, this.#kit()));
    try {
      return await this.#used[name];
    } catch {
      delete this.#used[name];
      this.#failed += 1;
      throw new Error("silence");
    }
  }

  /** What the other parts take from here. What they say is said in the language of the moment. */
  #kit() {
    const saying = (way) => (...given) => this.voice[way](...given);
    return { ask, body, button, kept, make, words: english, pieces: saying("pieces"), t: saying("t"), number: saying("number"), told: (failure) => this.told(failure) };
  }

  /** Does it as soon as the part is here; where it cannot come, that is said. */
  #when(name, act, say = (sentence) => this.say(sentence)) {
    this.use(name).then(act, (failure) => say(this.told(failure)));
  }

  #begin() {
    this.#turn += 1;
    this.#thread = this.form = this.home = null;
    this.removeAttribute("data-loaded");
    const way = this.getAttribute("loading");
    this.#box.replaceChildren(make("p", {}, make("slot")));
    if (way === "manual") this.#wait();
    if (way === "eager" || (way !== "manual" && location.hash.startsWith("#greenroom-"))) this.load();
    else if (way !== "manual") this.#watch();
  }

  async #wait() {
    const turn = this.#turn;
    await this.#speak();
    if (turn === this.#turn) this.#box.append(this.#loader("show"));
  }

  /** A button that gives way to what it loads, and hands the focus on to that. */
  #loader(key) {
    return button(this.t(key), { click: () => this.load().then(() => this.#box.querySelector("h2, button").focus()) });
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
    this.life.addEventListener("abort", () => observer.disconnect());
  }

  /** The path of a page of comments; the first without a cursor. */
  path(cursor) {
    const query = new URLSearchParams({ site: this.site, view: "tree" });
    query.set(this.thread ? "thread" : "url", this.thread ?? this.url);
    if (this.sort !== "oldest") query.set("sort", this.sort);
    if (cursor) query.set("cursor", cursor);
    return `/v1/threads?${query}`;
  }

  /** Fetches and shows the comments; what loading="manual" waits for. */
  async load() {
    const turn = ++this.#turn;
    this.#box.setAttribute("aria-busy", "true");
    const speaking = this.#speak().then(() => turn === this.#turn && this.say(this.t("loading")));
    try {
      const [thread] = await Promise.all([ask(this.path()), speaking]);
      if (turn === this.#turn) this.show(thread);
    } catch (failure) {
      await speaking;
      if (turn === this.#turn) this.#apologise(failure);
    } finally {
      if (turn === this.#turn) this.#box.removeAttribute("aria-busy");
    }
  }

  #apologise(failure) {
    const { t } = this;
    const trouble = make("p", {}, `${t("away")} `, this.told(failure));
    this.say(t("away"));
    if (!this.#thread) return this.#box.replaceChildren(trouble, make("p", {}, make("slot")), this.#loader("again"));
    // The list stays, in the order that it has.
    const select = this.#box.querySelector(".head select");
    this.sort = this.#drawn;
    if (select) select.value = this.sort;
    this.news.replaceChildren(trouble);
  }

  /** Draws the comments; the form, where there is one already, stays with what was typed. */
  show(thread) {
    const { t } = this;
    const before = this.#thread;
    // Whoever stands at the page's own link in here must not lose their place with it.
    const held = !before && this.matches(":focus-within");
    this.#thread = thread;
    this.#drawn = this.sort;
    this.say("");
    const { count, closed } = thread;
    this.list = make("ol", { class: "list" });
    this.list.append(...this.items(thread.comments));
    if (!before || before.closed !== closed) this.home = make("div", {}, closed ? this.#closed() : this.#form());
    const heading = make("h2", { tabindex: -1 }, count ? t("comments", { n: count }) : closed ? t("none") : t("first"));
    this.#box.replaceChildren(make("div", { class: "head" }, heading, this.#shortcut(), count > 1 && this.#sorts()), make("div"), this.list, this.#moreButton(thread.next_cursor), this.home);
    this.setAttribute("data-loaded", closed ? "closed" : "");
    if (held) heading.focus();
    if (!before) {
      this.#reveal();
      this.tell("loaded", { count, closed });
      (globalThis.requestIdleCallback ?? setTimeout)(() => this.#watchNews());
    }
    this.tell("count", { count });
    // What is being written, and what one has sent, keep their places.
    for (const name of ["form", "own"]) this.#used[name]?.then((part) => part.again(), () => {});
  }

  /** Whoever was writing when the thread was closed keeps the text; there is nowhere to send it any more. */
  #closed() {
    const { t } = this;
    const typed = this.form?.elements.text.value;
    this.form = null;
    const kept = typed && make("textarea", { rows: 6, readonly: true, dir: "auto", "aria-label": t("text") }, typed);
    return [make("p", { class: "quiet" }, t("closed")), kept || ""];
  }

  #watchNews() {
    this.#when("deeds", (part) => part.watch(), () => {});
  }

  /** Where news is told, above the list. */
  get news() {
    return this.list.previousElementSibling;
  }

  /** Past a long list to the form, for fingers and for the Tab key. */
  #shortcut() {
    const { closed, count } = this.#thread;
    if (closed || count < LONG) return null;
    return button(this.t("leave"), { class: "plain", click: () => this.form.elements.name.focus() });
  }

  #sorts() {
    const { t } = this;
    const options = ["oldest", "newest", "most_liked"].map((way) => make("option", { value: way, selected: way === this.sort }, t(way)));
    const chosen = ({ target }) => {
      this.sort = target.value;
      this.load().then(() => (this.#box.querySelector(".head select") ?? this.#box.querySelector("h2")).focus());
    };
    return make("label", { class: "quiet" }, `${t("sort")} `, make("select", { change: chosen }, options));
  }

  /** An event for the page around us. Never put what a person typed into it. */
  tell(name, detail) {
    const where = { site: this.site, url: this.url, thread: this.thread };
    this.dispatchEvent(new CustomEvent(`greenroom:${name}`, { bubbles: true, composed: true, detail: { ...where, ...detail } }));
  }

  say(sentence) {
    this.#status.replaceChildren(sentence);
  }

  find(id) {
    return this.#root.getElementById(id);
  }

  /** Opens the comment that the address names, on whichever page of the list it is. */
  async #reveal() {
    const id = location.hash.slice(1);
    if (!this.#thread || !/^greenroom-./.test(id)) return;
    const turn = this.#turn;
    while (!this.find(id) && this.next && turn === this.#turn) if (!(await this.next())) return;
    const target = this.find(id);
    if (!target) return;
    for (let above = target.closest("details"); above; above = above.parentElement.closest("details")) above.open = true;
    this.#box.querySelector("[data-here]")?.removeAttribute("data-here");
    target.setAttribute("data-here", "");
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  items(nodes, parent = null, level = 1) {
    // The service pages by time: a comment that moved to the next page meanwhile must not be shown twice.
    const fresh = nodes.filter((node) => level > 1 || !this.list.querySelector(`[id="greenroom-${node.id}"]`));
    return fresh.map((node) => {
      const replies = this.items(node.replies ?? [], node, level + 1);
      const below = replies.length > 0 && make("details", { open: true }, make("summary", {}, this.t("replies", { n: replies.length })), make("ol", { class: "replies" }, replies));
      return make("li", {}, this.#comment(node, parent, level), below);
    });
  }

  #time(moment) {
    const { ago, exact, t } = this.voice;
    const date = new Date(moment);
    const seconds = (date - Date.now()) / 1000;
    const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    // A reader's clock that is behind must not date a comment into the future.
    const text = unit === "second" ? t("now") : ago.format(Math.min(0, Math.trunc(seconds / size)), unit);
    return make("time", { datetime: moment, title: exact.format(date) }, text);
  }

  #comment(node, parent, level) {
    const { exact, number, pieces, t } = this.voice;
    const id = `greenroom-${node.id}`;
    const frame = { id, tabindex: -1, part: "comment" };
    if (node.status === "removed") return make("article", frame, make("p", { class: "removed" }, t("removed")));
    const name = node.author?.name ?? "";
    const badge = (key) => node[key] && make("span", { class: "badge", part: "badge" }, t(key));
    const edited = node.edited_at && make("span", { class: "quiet", title: exact.format(new Date(node.edited_at)) }, t("edited"));
    // Deeper than four steps nothing is indented any more, so that the words have to say whose reply it is.
    const to = level > 4 && parent?.author && make("span", { class: "quiet" }, pieces("to", { name: make("bdi", {}, parent.author.name) }));
    const author = make("b", { id: `${id}-author`, part: "author" }, make("bdi", {}, name));
    const when = make("a", { href: `${this.page}#${id}` }, this.#time(node.created_at));
    const deed = (key, text, label, more) => button(text, { class: "plain", "data-do": key, "data-id": node.id, "data-name": name, "aria-label": label, ...more });
    const likes = node.likes ?? 0;
    return make(
      "article",
      { ...frame, "aria-labelledby": `${id}-author` },
      make("header", {}, author, badge("staff"), badge("picked"), to, when, edited),
      body(node.html),
      make(
        "div",
        { class: "row deeds" },
        !this.#thread.closed && deed("reply", t("reply"), t("replyTo", { name }), { "data-part": "form" }),
        deed("like", `${t("like")}${likes ? ` ${number(likes)}` : ""}`, t("likeOf", { name, n: likes }), { "aria-pressed": "false" }),
        deed("share", t("share"), t("shareOf", { name })),
        deed("report", t("report"), t("reportOf", { name })),
      ),
    );
  }

  #moreButton(cursor) {
    this.next = null;
    if (!cursor) return "";
    const path = this.path(cursor);
    const { list } = this;
    const trouble = make("p", { role: "alert", class: "alert" });
    const more = button(this.t("more"), { click: async () => (await this.next?.())?.querySelector("article").focus() });
    const box = make("div", {}, more, trouble);
    // The first new item, or nothing where none came.
    this.next = async () => {
      if (more.ariaDisabled) return null;
      more.ariaDisabled = "true";
      trouble.textContent = "";
      try {
        const next = await ask(path);
        // Drawn anew meanwhile, perhaps in another order.
        if (this.list !== list) return null;
        const items = this.items(next.comments);
        this.list.append(...items);
        box.replaceWith(this.#moreButton(next.next_cursor));
        return items[0] ?? this.list.lastElementChild;
      } catch (failure) {
        trouble.replaceChildren(this.told(failure));
        more.ariaDisabled = null;
        return null;
      }
    };
    return box;
  }

  /* The form as it is seen first; form.js makes it work as soon as somebody turns to it. */
  #form() {
    const { t } = this;
    const { email_required: needed, name_max, text_max } = this.#thread;
    const note = make("p", { id: "email-note", class: "note" }, t("private"));
    const count = make("p", { id: "text-note", class: "count" }, t("characters", { n: 0, most: text_max }));
    const form = make(
      "form",
      {
        part: "form",
        novalidate: true,
        "aria-labelledby": "title",
        focusin: () => {
          form.begun ??= performance.now();
          this.#when("form", (part) => part.meet(), () => {});
        },
        submit: (event) => {
          event.preventDefault();
          this.#when("form", (part) => part.submit(), (sentence) => form.querySelector(".alert").replaceChildren(sentence, ` ${t("kept")}`));
        },
      },
      make("h3", { id: "title" }, t("leave")),
      make("p", { role: "alert", class: "alert" }),
      make(
        "div",
        { class: "two" },
        this.#field("name", true, make("input", { maxlength: name_max, autocomplete: "name" })),
        this.#field("email", needed, make("input", { type: "email", autocomplete: "email", maxlength: 254 }), note),
      ),
      this.#field("text", true, make("textarea", { rows: 6, dir: "auto" }), count, make("details", {}, make("summary", {}, t("preview")))),
      make("label", { class: "check" }, make("input", { type: "checkbox", name: "remember" }), t("remember")),
      make("div", { class: "unseen", "aria-hidden": "true" }, make("label", {}, `${t("trap")} `, make("input", { name: "website", tabindex: -1, autocomplete: "off" }))),
      make("div", { class: "row" }, make("button", { type: "submit", part: "button", class: "strong" }, t("post"))),
    );
    this.form = form;
    // What was begun or remembered on this device is put back before anybody types.
    if (Object.keys(kept()).some((key) => key.startsWith("greenroom."))) this.#when("form", (part) => part.meet(), () => {});
    return form;
  }

  #field(name, required, input, note, more) {
    const { t } = this;
    const hints = [note?.id, `${name}-error`].filter(Boolean).join(" ");
    for (const [key, value] of Object.entries({ id: name, name, "aria-describedby": hints })) input.setAttribute(key, value);
    input.ariaRequired = String(Boolean(required));
    const title = make("label", { for: name }, `${t(name)} `, make("span", {}, t(required ? "required" : "optional")));
    return make("div", {}, title, input, make("p", { id: `${name}-error`, class: "error" }), note, more);
  }
}

/** The page's storage, or nothing where the browser keeps nothing. */
function kept() {
  try {
    return localStorage;
  } catch {
    return {};
  }
}


const COUNTS_AT_ONCE = 100; // as many as the service answers

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
    const urls = [...places.keys()];
    while (urls.length > 0) {
      const query = new URLSearchParams([["site", site], ...urls.splice(0, COUNTS_AT_ONCE).map((url) => ["url", url])]);
      // A count is an ornament: where it cannot come, the page's own words stay.
      const { counts = [] } = await ask(`/v1/counts?${query}`).catch(() => ({}));
      for (const { url, count } of counts) for (const place of places.get(url) ?? []) place.textContent = (await speak(languageOf(place) ?? "en")).t("comments", { n: count });
    }
  }
}

// The script may be on a page twice, in two versions even: the first to come stays.
if (!customElements.get("greenroom-comments")) {
  customElements.define("greenroom-comments", GreenroomComments);
  fillCounts();
}
