/* One comment on the moderation page, as a custom element: what was written, what the checks saw, what was decided,
 * and the buttons. It shows and asks; moderation.js talks to the service. A card tells it by events what a moderator
 * wants: card:decide {action, reasons, note}, card:reload and card:context.
 *
 * Everything a stranger wrote is put in as text. Nothing here parses HTML, and nothing ever may.
 */

// The key that chooses each reason once "Reject" is open. check_failed is for machines only.
const REASONS = [
  ["s", "spam", "Spam"],
  ["v", "advertisement", "Advertisement"],
  ["o", "offensive", "Offensive"],
  ["i", "insult", "Insult"],
  ["t", "threat", "Threat"],
  ["h", "hate", "Hate"],
  ["x", "sexual", "Sexual"],
  ["p", "personal_data", "Personal data"],
  ["f", "off_topic", "Off topic"],
  ["l", "illegal", "Illegal"],
  ["d", "duplicate", "Duplicate"],
  ["m", "flood", "Flood"],
  ["b", "banned_author", "Banned author"],
  ["Enter", "other", "Other"],
];
// What the trained models look for beside that.
const NAMES = {
  ...Object.fromEntries(REASONS.map(([, code, name]) => [code, name])),
  toxicity: "Toxicity",
  severe: "Severe toxicity",
  identity_attack: "Attack on an identity",
  obscene: "Obscene",
  spam_untaught: "Spam before this site’s lessons",
  toxicity_untaught: "Toxicity before this site’s lessons",
};
const ACTIONS = [["approve", "Approve", "a"], ["reject", "Reject", "r"], ["hold", "Hold", "h"]];
const DONE = { approve: "Approved", reject: "Rejected", hold: "Held", discard: "Discarded", escalate: "Escalated", undo: "Taken back", withdraw: "Withdrawn", erase: "Erased" };
const STANDING = { approve: "approved", reject: "rejected", hold: "held" };

const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const inWords = (code) => NAMES[code] ?? String(code).replaceAll("_", " ");
const percent = (score) => `${Math.round(score * 100)} %`;

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value != null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const time = (moment) => make("time", { datetime: moment }, exact.format(new Date(moment)));
const person = (author) => make("bdi", {}, author?.name ?? "someone");
const prose = (...children) => make("div", { class: "text", dir: "auto" }, ...children);

/** The text with every piece of evidence marked. Offsets count code points, so the text is cut by those too. */
function marked(text, evidence) {
  const points = Array.from(text);
  const places = evidence.filter(({ start, end }) => Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end);
  const edges = [0, points.length, ...places.flatMap(({ start, end }) => [start, end])].map((edge) => Math.min(edge, points.length));
  const cuts = [...new Set(edges)].sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const piece = points.slice(cuts[index], end).join("");
    const notes = places.filter((place) => place.start <= cuts[index] && end <= place.end).map(({ note }) => note);
    return notes.length > 0 ? make("mark", { title: notes.join("; ") }, piece) : piece;
  });
}

function storyLink(thread) {
  const title = thread.title || thread.url;
  const safe = /^https?:\/\//i.test(thread.url ?? "");
  return safe ? make("a", { href: thread.url, rel: "noopener noreferrer", dir: "auto" }, title) : make("bdi", {}, title);
}

function findingLine({ check, label, score, outcome, mode, why, evidence }) {
  const head = {
    failed: [make("b", {}, "Could not run"), why && ` (${why})`],
    skipped: [make("b", {}, "Skipped"), why && ` (${why})`],
  }[outcome] ?? (score > 0 ? [make("b", {}, inWords(label)), ` ${percent(score)}`] : ["Nothing found"]);
  const notes = [...new Set((evidence ?? []).map(({ note }) => note).filter(Boolean))].join("; ");
  const watched = mode === "observe" && make("span", { class: "quiet" }, " · only observed");
  // Most checks are called otherwise than what they look for; where they are not, once is enough.
  const said = outcome === "found" && score > 0 && label === check;
  const by = !said && make("span", { class: "quiet" }, ` · ${check.replaceAll("_", " ")}`);
  return make("li", {}, head, by, watched, notes && make("span", {}, ` · ${notes}`));
}

function decisionLine({ action, actor, automated, reasons, note, decided_at }) {
  // Several checks may have had one reason: said once, with the surest of them.
  const surest = {};
  for (const { code, score } of reasons) surest[code] = Math.max(surest[code] ?? -1, score ?? -1);
  const said = Object.entries(surest).map(([code, score]) => inWords(code) + (score < 0 ? "" : ` ${percent(score)}`)).join(", ");
  const by = automated ? " by the checks" : [" by ", make("bdi", {}, actor)];
  return make("p", { class: "quiet small" }, `${DONE[action] ?? action}`, by, ", ", time(decided_at), said && `: ${said}`, note && ` – “${note}”`);
}

/** Whether a finding is worth a moderator's look; the others stand under "Context". */
const speaks = ({ outcome, score, label }) => outcome === "failed" || (outcome === "found" && score >= 0.1 && !label.endsWith("_untaught"));

class ModerationCard extends HTMLElement {
  item = null;
  /** Whether the reasons are open and wait for a key. */
  get choosing() {
    return Boolean(this.reasons && !this.reasons.hidden);
  }

  show(item) {
    this.item = item;
    this.busy = false;
    const name = `card-${item.id}`;
    const findings = item.findings.filter(speaks);
    this.alert = make("div", { class: "notice bad", role: "alert", hidden: true });
    this.reasons = this.#reasonPanel();
    this.context = make("div", { class: "context", hidden: true });
    this.buttons = this.#buttons();
    this.article = make(
      "article",
      { class: "card", tabindex: -1, "aria-labelledby": name },
      make("header", {}, make("h3", { id: name }, person(item.author)), this.#standing(), make("span", { class: "quiet small" }, time(item.created_at), item.parent_id && " · a reply")),
      make("p", { class: "small" }, make("span", { class: "quiet" }, `${item.site} · `), storyLink(item.thread)),
      this.#texts(),
      findings.length > 0 && make("ul", { class: "findings", "aria-label": "What the checks saw" }, findings.map(findingLine)),
      item.decision && decisionLine(item.decision),
      this.alert,
      this.buttons,
      this.reasons,
      this.context,
    );
    this.replaceChildren(this.article);
    return this;
  }

  focus() {
    this.article.focus();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`card:${name}`, { bubbles: true, detail }));
  }

  #standing() {
    const { status, awaiting } = this.item;
    const words = awaiting && awaiting !== status ? `${status}, edit ${awaiting}` : status;
    return make("span", { class: "chip", "data-status": status }, words);
  }

  /** Evidence belongs to the words that wait: the edit's, where there is one. */
  #texts() {
    const { text, edit, findings } = this.item;
    const evidence = findings.flatMap((finding) => finding.evidence ?? []);
    if (!edit) return prose(marked(text, evidence));
    const side = (title, ...children) => make("section", { "aria-label": title }, make("h4", {}, title), prose(...children));
    return make("div", { class: "sides" }, side("Shown now", text), side("Waiting edit", marked(edit.text, evidence)));
  }

  #buttons() {
    const { status, edit } = this.item;
    const decisions = ACTIONS.map(([action, title, key]) => {
      const already = !edit && STANDING[action] === status;
      const opens = action === "reject" ? { "aria-expanded": "false" } : {};
      return make("button", { type: "button", "data-action": action, class: action === "approve" && "strong", disabled: already, click: () => this.press(action), ...opens }, `${title} `, make("kbd", {}, key));
    });
    const context = make("button", { type: "button", "data-action": "context", "aria-expanded": "false", click: () => this.press("context") }, "Context ", make("kbd", {}, "c"));
    return make("div", { class: "row" }, decisions, context);
  }

  #reasonPanel() {
    const choices = REASONS.map(([key, code, name]) =>
      make("button", { type: "button", "data-reason": code, click: () => this.#decide("reject", [code]) }, `${name} `, make("kbd", {}, key)),
    );
    const note = `note-${this.item.id}`;
    this.note = make("input", { id: note, maxlength: 500, autocomplete: "off" });
    const label = make("label", { for: note }, "Note for the record ", make("span", {}, "(optional)"));
    const cancel = make("button", { type: "button", click: () => this.closeReasons() }, "Cancel ", make("kbd", {}, "Esc"));
    return make("div", { class: "reasons", role: "group", "aria-label": "Reason for rejecting", hidden: true }, make("div", {}, label, this.note), make("div", { class: "row" }, choices, cancel));
  }

  /** What a button does, and its key. */
  press(action) {
    if (this.busy || this.buttons.hidden || this.#button(action).disabled) return;
    if (action === "context") this.#toggleContext();
    else if (action === "reject") this.#openReasons();
    else this.#decide(action, []);
  }

  #button(action) {
    return this.buttons.querySelector(`[data-action=${action}]`);
  }

  #openReasons() {
    if (this.choosing) return this.closeReasons();
    this.reasons.hidden = false;
    this.#button("reject").ariaExpanded = "true";
    this.reasons.querySelector("[data-reason=other]").focus();
  }

  closeReasons() {
    this.reasons.hidden = true;
    this.#button("reject").ariaExpanded = "false";
    this.#button("reject").focus();
  }

  /** Chooses the reason of this key; false where there is none. */
  choose(key) {
    const found = REASONS.find(([each]) => each === key);
    if (found) this.#decide("reject", [found[1]]);
    return Boolean(found);
  }

  #decide(action, reasons) {
    if (this.busy) return;
    this.busy = true;
    this.alert.hidden = true;
    this.#tell("decide", { action, reasons, note: action === "reject" ? this.note.value.trim() : "" });
  }

  /** A sentence in the card itself. With ``stale`` nothing can be decided before the card is loaded anew. */
  complain(sentence, { stale = false } = {}) {
    this.busy = false;
    this.alert.hidden = false;
    const reload = make("button", { type: "button", "data-action": "reload", click: () => this.#tell("reload") }, "Reload");
    this.alert.replaceChildren(make("p", {}, sentence), stale ? reload : "");
    this.buttons.hidden = stale;
    this.reasons.hidden = true;
    if (stale) reload.focus();
    else this.#button("approve").focus();
  }

  #toggleContext() {
    const opening = this.context.hidden;
    this.context.hidden = !opening;
    this.#button("context").ariaExpanded = String(opening);
    if (opening && !this.context.firstChild) this.#tell("context");
  }

  showContext({ context, findings, decisions, author_record: record }) {
    const quote = (item) => make("blockquote", {}, make("p", { class: "small" }, person(item.author), ", ", time(item.created_at)), prose(item.text));
    const part = (title, children) => children.length > 0 && make("section", {}, make("h4", {}, title), children);
    const counts = record && ["approved", "held", "rejected", "pending"].map((key) => `${record[key] ?? 0} ${key}`).join(", ");
    this.context.replaceChildren(
      ...[
        part("In reply to", context?.parent ? [quote(context.parent)] : []),
        part("Before it", (context?.before ?? []).map(quote)),
        part("After it", (context?.after ?? []).map(quote)),
        part("This author so far", counts ? [make("p", {}, counts)] : []),
        part("Every check", findings?.length ? [make("ul", { class: "findings" }, findings.map(findingLine))] : []),
        part("Decisions so far", (decisions ?? []).map(decisionLine)),
      ].filter(Boolean),
    );
    if (!this.context.firstChild) this.context.append(make("p", { class: "quiet" }, "There is nothing more to know about it."));
  }

  failContext(sentence) {
    this.context.replaceChildren();
    this.context.hidden = true;
    this.#button("context").ariaExpanded = "false";
    this.complain(sentence);
  }
}

customElements.define("moderation-card", ModerationCard);
