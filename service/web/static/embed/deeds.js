/* What readers do besides writing: like, share, report, and hear of new comments. */

const words = {
  liked: { one: "You like this: {n} like", other: "You like this: {n} likes" },
  unliked: "Your like was taken back.",
  copied: "The link was copied.",
  here: "The link of this comment",
  why: "What is wrong with it?",
  spam: "Spam or advertisement",
  offensive: "Offensive",
  insult: "An insult",
  threat: "A threat",
  hate: "Hate against a group",
  sexual: "Sexual",
  personal_data: "Private details of somebody",
  off_topic: "Off topic",
  illegal: "Against the law",
  other: "Something else",
  send: "Send report",
  thanks_report: "Thank you. A moderator will look at it.",
  new: { one: "{n} new comment", other: "{n} new comments" },
  see: "Show",
};
const REASONS = ["spam", "offensive", "insult", "threat", "hate", "sexual", "personal_data", "off_topic", "illegal", "other"];
const POLL_SECONDS = 60;

export default class Deeds {
  constructor(host, kit) {
    this.host = host;
    Object.assign(kit.words, words);
    Object.assign(this, kit);
  }

  /** The service's own list is asked for again, as seldom as caches allow; unchanged, it is answered with 304. */
  watch() {
    const { life } = this.host;
    if (life.aborted || life === this.life) return;
    this.life = life;
    const timer = setInterval(() => {
      if (!document.hidden && this.host.answer && !this.host.answer.closed) this.poll();
    }, POLL_SECONDS * 1000);
    // An element that is moved about is looked after again by its next connection.
    life.addEventListener("abort", () => clearInterval(timer));
  }

  async poll() {
    const before = this.host.answer;
    const now = await this.ask(this.host.path(), { cache: "no-cache" }).catch(() => null);
    if (!now || this.host.answer !== before) return;
    const fresh = now.count - before.count;
    if (fresh <= 0) return;
    this.latest = now;
    const sentence = this.t("new", { n: fresh });
    // Told once: whoever stands at the button stays there.
    if (this.host.news.querySelector("p")?.textContent === sentence) return;
    const show = this.button(this.t("see"), { click: () => this.refresh(this.latest) });
    this.host.news.replaceChildren(this.make("div", { class: "row" }, this.make("p", {}, sentence), show));
    this.host.say(sentence);
  }

  /** What is new may be on a page behind the first: then the newest come first. */
  refresh(now) {
    const { host } = this;
    const focus = () => host.news.parentElement.querySelector("h2").focus();
    if (!now.next_cursor || host.sort !== "oldest") {
      host.show(now);
      return focus();
    }
    host.sort = "newest";
    return host.load().then(focus);
  }

  async like(pressed) {
    if (pressed.ariaDisabled) return;
    const on = pressed.ariaPressed !== "true";
    pressed.ariaDisabled = "true";
    try {
      const { likes, liked } = await this.ask(`/v1/comments/${pressed.dataset.id}/like`, { method: on ? "POST" : "DELETE" });
      pressed.ariaPressed = String(liked);
      pressed.textContent = `${this.t("like")}${likes ? ` ${this.number(likes)}` : ""}`;
      pressed.ariaLabel = this.t("likeOf", { name: pressed.dataset.name, n: likes });
      this.host.say(liked ? this.t("liked", { n: likes }) : this.t("unliked"));
    } catch (failure) {
      this.below(pressed, this.make("p", { role: "alert", class: "alert" }, this.told(failure)));
    } finally {
      pressed.ariaDisabled = null;
    }
  }

  /** One thing at a time below a comment's buttons. */
  below(pressed, ...shown) {
    const row = pressed.closest(".deeds");
    row.parentElement.querySelector(":scope > .asked")?.remove();
    const open = row.querySelector("[aria-expanded=true]");
    if (open) open.ariaExpanded = "false";
    const box = this.make("div", { class: "asked" }, shown);
    row.after(box);
    return box;
  }

  async share(pressed) {
    const url = `${this.host.page}#greenroom-${pressed.dataset.id}`;
    try {
      if (navigator.share) await navigator.share({ url });
      else await navigator.clipboard.writeText(url);
      if (navigator.share) return;
      this.below(pressed, this.make("p", { class: "note" }, this.t("copied")));
      this.host.say(this.t("copied"));
    } catch (failure) {
      if (failure.name === "AbortError") return;
      // Where a page may not write to the clipboard, the link is shown to be copied by hand.
      const link = this.make("input", { readonly: true, value: url, "aria-label": this.t("here") });
      this.below(pressed, link);
      link.focus();
      link.select();
    }
  }

  report(pressed) {
    const { make, t, button } = this;
    const open = pressed.ariaExpanded === "true";
    const close = () => {
      box.remove();
      pressed.ariaExpanded = "false";
      pressed.focus();
    };
    if (open) return pressed.closest("article").querySelector(".asked button[type=button]")?.click();
    const trouble = make("p", { role: "alert", class: "alert" });
    const reasons = make("select", { name: "reason" }, REASONS.map((value) => make("option", { value }, t(value))));
    const send = async (event) => {
      event.preventDefault();
      const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason: reasons.value }) };
      try {
        await this.ask(`/v1/comments/${pressed.dataset.id}/flag`, sent);
      } catch (failure) {
        trouble.replaceChildren(this.told(failure));
        return;
      }
      close();
      this.below(pressed, make("p", { class: "note" }, t("thanks_report")));
      this.host.say(t("thanks_report"));
    };
    const rows = make("div", { class: "row" }, make("button", { class: "strong", part: "button" }, t("send")), button(t("cancel"), { click: close }));
    const box = this.below(pressed, make("form", { novalidate: true, submit: send }, trouble, make("label", {}, `${t("why")} `, reasons), rows));
    pressed.ariaExpanded = "true";
    reasons.focus();
  }
}
