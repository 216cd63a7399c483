/* One's own comment after it was sent: an honest word on what happens to it, changing it and taking it back in time.
 *
 * Its private code is kept in this page's memory alone; the private link carries it to another day.
 */

const words = {
  thanks: "Thank you. Your comment waits for approval.",
  only: "Only you can see this yet",
  link: "Keep this private link: it shows what becomes of your comment, and lets you change or withdraw it.",
  edit: "Edit",
  save: "Save",
  withdraw: "Withdraw",
  sure: "Withdraw this comment for good?",
  yes: "Yes, withdraw",
  withdrawn: "You have withdrawn this comment.",
  changed: "Your change was received and is looked at again.",
  onStage: "Your comment is published.",
  waits: "Your comment waits for a person to read it.",
  changeWaits: "Your change waits for a person to read it.",
  rejected: "Your comment was not published. Your private link tells why, and how to ask again.",
};
const LOOKS = [2, 5, 10, 20, 40, 60]; // seconds between looks at what became of it

export default class Own {
  constructor(host, kit) {
    this.host = host;
    this.all = [];
    Object.assign(kit.words, words);
    Object.assign(this, kit);
  }

  /** Shows what was sent to the service, which answered with the receipt. */
  thank(receipt, { author: { name }, text, parent_id: parent }) {
    const { make, t, button } = this;
    const told = make("p", { tabindex: -1, class: "thanks" }, t("thanks"));
    const shown = make("div", { class: "body typed", dir: "auto" }, text);
    const only = make("span", { class: "quiet" }, t("only"));
    const header = make("header", {}, make("b", { part: "author" }, make("bdi", {}, name)), only);
    const link = receipt.links.own && make("p", { class: "note" }, make("a", { href: receipt.links.own, rel: "nofollow noopener", referrerpolicy: "no-referrer" }, t("link")));
    const deeds = make("div", { class: "row deeds" });
    const own = { id: receipt.id, token: receipt.edit_token, text, told, shown, deeds, only };
    own.article = make("article", { part: "comment" }, told, header, shown, deeds, link);
    deeds.append(
      button(t("edit"), { class: "plain", click: () => this.edit(own) }),
      button(t("withdraw"), { class: "plain", click: () => this.ask_first(own) }),
    );
    own.row = make("li", { class: "own" }, own.article);
    Object.assign(own, { parent, key: this.host.key });
    this.all.push(own);
    this.put(own);
    this.tell(own, t("thanks"));
    told.focus();
    this.look(own);
  }

  /** At the end of the answers to the comment that it answers, or of the list. */
  put(own) {
    const above = own.parent && this.host.find(`greenroom-${own.parent}`)?.closest("li");
    const list = above && (above.querySelector(":scope > details > ol, :scope > ol") ?? above.appendChild(this.make("ol", { class: "replies" })));
    (list || this.host.list).append(own.row);
  }

  /** After the list was drawn anew; what everybody sees by now stands there already. */
  again() {
    this.all = this.all.filter(({ id }) => !this.host.find(`greenroom-${id}`));
    for (const own of this.all) if (own.key === this.host.key) this.put(own);
  }

  tell(own, sentence) {
    own.told.replaceChildren(sentence);
    this.host.say(own.told.textContent);
  }

  act(own, method, sent) {
    const headers = { Authorization: `Bearer ${own.token}`, ...(sent && { "Content-Type": "application/json" }) };
    return this.ask(`/v1/comments/${own.id}`, { method, headers, body: sent && JSON.stringify(sent), cache: "no-store" });
  }

  /** Looks now and then what became of it, ever more seldom, for as long as somebody is here. A change begins anew. */
  async look(own) {
    const turn = (own.turn = (own.turn ?? 0) + 1);
    for (const seconds of LOOKS) {
      do await new Promise((later) => setTimeout(later, seconds * 1000));
      while (document.hidden);
      if (!own.article.isConnected || own.gone || turn !== own.turn) return;
      const now = await this.act(own, "GET").catch(() => null);
      if (!now || own.gone || turn !== own.turn) continue;
      this.show(own, now);
      if (now.awaiting === null && now.status !== "pending") return;
    }
  }

  show(own, now) {
    // From what was typed to what is served; not while it is being changed.
    if (own.shown.isConnected && own.html !== now.html) {
      const served = this.body(now.html);
      own.shown.replaceWith(served);
      Object.assign(own, { shown: served, html: now.html, text: now.text });
    }
    const waits = now.status === "approved" ? "changeWaits" : "waits";
    const told = now.awaiting === "held" ? waits : { approved: "onStage", rejected: "rejected" }[now.status];
    if (now.awaiting !== "pending" && told && told !== own.last) {
      own.last = told;
      this.tell(own, this.t(told));
    }
    own.only.hidden = now.status === "approved";
    const edit = own.deeds.firstElementChild;
    // Who stands at a button that goes away stands at the word about the comment then.
    if (!now.editable_until && edit.matches(":focus")) own.told.focus();
    edit.hidden = !now.editable_until;
  }

  edit(own) {
    const { make, t, button } = this;
    const trouble = make("p", { role: "alert", class: "alert" });
    const text = make("textarea", { rows: 6, dir: "auto", "aria-label": t("text") });
    const back = () => {
      form.replaceWith(own.shown);
      own.deeds.hidden = false;
      own.deeds.querySelector("button:not([hidden])").focus();
    };
    const save = async (event) => {
      event.preventDefault();
      try {
        await this.act(own, "PATCH", { text: text.value });
      } catch (failure) {
        const [fault] = failure.errors;
        trouble.replaceChildren(this.told(fault ? { message: fault.detail } : failure));
        return text.focus();
      }
      own.shown.textContent = own.text = text.value;
      own.shown.classList.add("typed");
      own.last = own.html = null;
      back();
      this.tell(own, t("changed"));
      this.look(own);
    };
    const rows = make("div", { class: "row" }, make("button", { class: "strong", part: "button" }, t("save")), button(t("cancel"), { click: back }));
    const form = make("form", { novalidate: true, submit: save }, trouble, text, rows);
    text.value = own.text;
    own.shown.replaceWith(form);
    own.deeds.hidden = true;
    text.focus();
  }

  ask_first(own) {
    const { make, t, button } = this;
    const back = () => {
      box.remove();
      own.deeds.hidden = false;
      own.deeds.lastElementChild.focus();
    };
    const yes = button(t("yes"), {
      class: "strong",
      click: async () => {
        try {
          await this.act(own, "DELETE");
        } catch (failure) {
          return this.tell(own, this.told(failure));
        }
        own.gone = true;
        own.article.replaceChildren(own.told);
        this.tell(own, t("withdrawn"));
        own.told.focus();
      },
    });
    const box = make("div", { class: "row", role: "group", "aria-label": t("sure") }, make("p", {}, t("sure")), yes, button(t("cancel"), { click: back }));
    own.deeds.before(box);
    own.deeds.hidden = true;
    yes.focus();
  }
}
