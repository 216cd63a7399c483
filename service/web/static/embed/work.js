/* The proof of work that the service asks for while many comments come: ALTCHA's sum, version 1, of which only the
 * answer leaves the browser. Nobody has to look at anything, click, or hear anything; it takes a second or so.
 */

const words = {
  proving: "One moment: your browser does a small sum, which keeps spam away.",
};
const AT_ONCE = 500; // sums between two looks at the page, so that it stays at hand

export default class Work {
  constructor(host, kit) {
    this.host = host;
    Object.assign(kit.words, words);
    Object.assign(this, kit);
  }

  /** ALTCHA's base64 of the answer, or null where there is none, or no way to find it: on a page without https. */
  async prove({ algorithm, challenge, maxnumber, salt, signature }) {
    if (!globalThis.crypto?.subtle) return null;
    this.host.say(this.t("proving"));
    const encoder = new TextEncoder();
    const hashed = (number) => crypto.subtle.digest(algorithm, encoder.encode(salt + number));
    // The first four bytes tell nearly all others apart.
    const wanted = parseInt(challenge.slice(0, 8), 16);
    for (let from = 0; from <= maxnumber; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, maxnumber - from + 1) }, (_, at) => from + at);
      const hashes = await Promise.all(numbers.map(hashed));
      for (const [at, hash] of hashes.entries()) {
        if (new DataView(hash).getUint32(0) !== wanted || hex(hash) !== challenge) continue;
        return btoa(JSON.stringify({ algorithm, challenge, number: numbers[at], salt, signature }));
      }
    }
    return null;
  }
}

const hex = (hash) => [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
