/* Asking the service in the name of whoever is signed in: by the session's cookie, which no script can read, and the
 * page's own token against foreign pages. Nothing is kept in the browser. */

const csrf = document.querySelector("input[name=csrf]")?.value ?? "";

/** An Error with ``status`` (0: no answer came) and a sentence for people. */
function failure(sentence, status) {
  return Object.assign(new Error(sentence), { status });
}

async function reached(path, options) {
  try {
    return await fetch(path, { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(20_000), ...options });
  } catch {
    throw failure("No answer came from the service.", 0);
  }
}

async function refused(response) {
  const answer = await response.json().catch(() => null);
  if (response.status === 401) return failure("You are signed out. Load this page again to sign in; nothing was decided.", 401);
  return failure(answer?.errors?.[0]?.detail || answer?.detail || `The service answered with ${response.status}.`, response.status);
}

/** The service's answer to a question, or to a deed where there is a ``body`` or another ``method``. */
export async function ask(path, body, method = body ? "POST" : "GET") {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body) headers["Content-Type"] = "application/json";
  // What is given up on the way out of a page has to outlive it.
  const keepalive = method === "DELETE";
  const response = await reached(path, { method, headers, keepalive, body: body && JSON.stringify(body) });
  if (!response.ok) throw await refused(response);
  return response.status === 204 ? null : response.json();
}

/** A piece of a page of ours: {rows, next}. It is parsed apart, and brings list items alone. */
export async function piece(path) {
  const response = await reached(path, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) throw await refused(response);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { rows: [...page.querySelectorAll("body > li")].map((row) => document.adoptNode(row)), next: response.headers.get("X-Next-Cursor") ?? "" };
}
