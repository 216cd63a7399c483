/* Writing: the form of a thread at work. It moves to the comment that is answered and back, and takes its text along.
 *
 * On this device are kept: what was begun, until it was sent, and the name, if asked. Never the address.
 */

const words = {
  sending: "Sending …",
  mend: "Please look at the marked fields.",
  tooLong: "Too long by {n}.",
  noName: "Please write your name.",
  noEmail: "Please write your email address.",
  noText: "Please write a comment.",
  leaveTo: "Leave a Reply to {name}",
};
const NAME = "greenroom.name";
const FIELDS = ["name", "email", "text"];
const PAUSE = 500; // milliseconds without a key, after which a draft is kept and a preview drawn

const newKey = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export default class Writing {
  constructor(host, kit) {
    this.host = host;
    Object.assign(kit.words, words);
    Object.assign(this, kit);
  }

  /** Makes the form that is there work; nothing more happens to one that does. */
  meet() {
    const { form } = this.host;
    if (!form || form === this.form) return;
    this.form = form;
    this.draft = `greenroom.draft ${this.host.key}`;
    this.parent = this.opener = this.attempt = null;
    this.alert = form.querySelector(".alert");
    this.title = form.querySelector("h3");
    this.send = form.querySelector(".strong");
    this.cancel = this.button(this.t("cancel"), { hidden: true, click: () => this.close() });
    this.send.after(this.cancel);
    this.shown = this.make("div");
    // It was there before, so that nothing moves under a finger that is on its way to a button.
    this.preview = form.querySelector("details");
    this.preview.append(this.shown);
    this.preview.addEventListener("toggle", () => this.draw());
    form.addEventListener("input", () => this.typed());
    form.elements.remember.addEventListener("change", () => this.rememberName());
    this.restore();
    this.typed();
    // Needed as soon as something was sent: then it should not have to be waited for.
    this.host.use("own").catch(() => {});
  }

  restore() {
    const { name, text, remember } = this.form.elements;
    const store = this.kept();
    if (!text.value && store[this.draft]) text.value = store[this.draft];
    if (!store[NAME]) return;
    remember.checked = true;
    if (!name.value) name.value = store[NAME];
  }

  /** Where the browser keeps nothing, nothing is kept. */
  keep(key, value) {
    try {
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
    } catch {
      // A full storage, or none.
    }
  }

  rememberName() {
    this.keep(NAME, this.form.elements.remember.checked && this.value("name"));
  }

  /** Also what was typed while this part was on its way. */
  typed() {
    this.count();
    clearTimeout(this.pause);
    const { form, draft } = this;
    this.pause = setTimeout(() => {
      this.keep(draft, form.elements.text.value);
      if (form !== this.form) return;
      if (this.form.elements.remember.checked) this.rememberName();
      this.draw();
    }, PAUSE);
  }

  /** The text as it would be served. Asked of the service, so that it is what readers will see, and only while open. */
  async draw() {
    const { value } = this.form.elements.text;
    if (!this.preview.open || value === this.drawn) return;
    this.drawn = value;
    try {
      const { html } = await this.post("/v1/preview", { site: this.host.site, text: value });
      if (this.drawn === value) this.shown.replaceChildren(this.body(html));
    } catch (failure) {
      this.drawn = null;
      this.shown.replaceChildren(this.told(failure));
      this.host.say(this.told(failure));
    }
  }

  post(path, sent, headers = {}) {
    return this.ask(path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(sent) });
  }

  value(name) {
    return this.form.elements[name].value.trim();
  }

  /** How many characters too long the text is, counted by code points as the service does. */
  count() {
    const [length, most] = [[...this.value("text")].length, this.host.answer.text_max];
    this.form.querySelector(".count").textContent = this.t("characters", { n: length, most });
    const over = Math.max(0, length - most);
    if (over > 0 && !this.over) this.host.say(this.t("tooLong", { n: over }));
    this.over = over;
    return over;
  }

  reply(opener) {
    if (this.sending) return;
    this.meet();
    const { id, name } = opener.dataset;
    this.parent = id;
    this.opener = opener;
    this.title.replaceChildren(...this.pieces("leaveTo", { name: this.make("bdi", {}, name) }));
    this.cancel.hidden = false;
    opener.closest("article").after(this.form);
    this.form.elements[FIELDS.find((field) => !this.value(field)) ?? "text"].focus();
  }

  /** After the list was drawn anew: below the comment that is answered, if it is still there. */
  again() {
    if (!this.parent || this.form !== this.host.form) return;
    const opener = this.host.find(`greenroom-${this.parent}`)?.querySelector("[data-do=reply]");
    if (!opener) return this.close();
    this.opener = opener;
    opener.closest("article").after(this.form);
  }

  close() {
    const { opener } = this;
    this.parent = this.opener = null;
    this.title.textContent = this.t("leave");
    this.cancel.hidden = true;
    this.host.home.append(this.form);
    if (opener?.isConnected) opener.focus();
  }

  /** Puts each sentence, or its pieces, beside its field; what belongs to no field of ours goes above them all. */
  complain(sentence, errors = []) {
    const byField = new Map(errors.map(({ pointer, detail }) => [String(pointer).split("/").pop(), detail]));
    for (const name of FIELDS) {
      const input = this.form.elements[name];
      input.ariaInvalid = byField.has(name) ? "true" : null;
      input.nextElementSibling.replaceChildren(byField.get(name) ?? "");
      byField.delete(name);
    }
    const above = [sentence, ...byField.values()].flat().filter(Boolean);
    this.alert.replaceChildren(...above.flatMap((one, at) => (at ? [" ", one] : [one])));
    if (sentence) (this.form.querySelector("[aria-invalid=true]") ?? this.send).focus();
  }

  /** What can be said without asking: the service looks at everything again. */
  faults() {
    const missing = { name: "noName", ...(this.host.answer.email_required ? { email: "noEmail" } : {}), text: "noText" };
    const faults = Object.entries(missing).filter(([name]) => !this.value(name)).map(([name, key]) => ({ pointer: `/${name}`, detail: this.t(key) }));
    if (this.count()) faults.push({ pointer: "/text", detail: this.t("tooLong", { n: this.count() }) });
    return faults;
  }

  sent() {
    const { host, form } = this;
    const named = document.querySelector('meta[property="og:title"]')?.content;
    // In a frame this page is not the story, and its own title would be taken for the story's.
    const title = named || (host.hasAttribute("page") ? "" : document.title);
    const seconds = (performance.now() - (form.begun ?? performance.now())) / 1000;
    return {
      site: host.site,
      url: host.url,
      thread: host.thread ?? undefined,
      title: [...title.trim()].slice(0, 200).join("") || undefined,
      parent_id: this.parent ?? undefined,
      author: { name: this.value("name"), email: this.value("email") || undefined },
      text: form.elements.text.value,
      form: { trap: form.elements.website.value, seconds: Math.round(seconds * 10) / 10 },
    };
  }

  async submit() {
    this.meet();
    if (this.sending) return;
    const faults = this.faults();
    this.complain(faults.length && this.t("mend"), faults);
    if (faults.length) return;
    // A second try of the same words sends the same bytes under the same key: the service takes them once.
    const said = JSON.stringify([this.parent, ...FIELDS.map((name) => this.value(name))]);
    if (said !== this.attempt?.said) this.attempt = { said, key: newKey(), sent: this.sent() };
    this.busy(true);
    this.host.say(this.t("sending"));
    const { form, draft, attempt } = this;
    try {
      const own = await this.host.use("own");
      const receipt = await this.deliver(attempt);
      this.keep(draft, null);
      // Whoever went to another story meanwhile has another form before them.
      if (form !== this.host.form) return;
      own.thank(receipt, attempt.sent);
      this.done(receipt);
    } catch (failure) {
      if (form !== this.host.form) return;
      this.host.say("");
      const errors = failure.errors.map(({ pointer, detail }) => ({ pointer, detail: this.told({ message: detail }) }));
      this.complain([this.told(failure), this.t("kept")], errors);
    } finally {
      this.busy(false);
    }
  }

  /** Sends it, with a proof of work where the service asks for one. Under the same key it is taken once. */
  async deliver({ sent, key }) {
    const named = { "Idempotency-Key": key };
    try {
      return await this.post("/v1/comments", sent, named);
    } catch (failure) {
      if (failure.kind !== "proof-needed") throw failure;
      const work = await this.host.use("work");
      const proof = await work.prove(failure.answer.proof);
      // Where this browser cannot do it, what the service said is said.
      if (!proof) throw failure;
      return this.post("/v1/comments", sent, { ...named, "Greenroom-Proof": proof });
    }
  }

  busy(sending) {
    this.sending = sending;
    for (const name of FIELDS) this.form.elements[name].readOnly = sending;
    this.send.ariaDisabled = sending ? "true" : null;
    this.send.textContent = this.t(sending ? "sending" : "post");
  }

  done(receipt) {
    const { name, remember } = this.form.elements;
    const again = remember.checked && name.value;
    clearTimeout(this.pause);
    this.rememberName();
    this.form.reset();
    if (again) [name.value, remember.checked] = [again, true];
    this.attempt = this.form.begun = this.opener = null;
    this.preview.open = false;
    this.close();
    this.count();
    this.host.tell("submitted", { id: receipt.id, status: receipt.status });
  }
}
