// Addresses are hostile: only a few schemes may be opened, and only on purpose.

const SAFE = new Set(["http:", "https:", "mailto:", "tel:", "ftp:"]);
const TELEGRAM = new Set(["t.me", "telegram.me", "telegram.dog"]);

function parsed(address) {
  const text = String(address).trim();
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `http://${text}`);
  } catch {
    return null;
  }
}

// The address as it may stand in a link, or null.
export function safe(address) {
  const url = parsed(address);
  return url && SAFE.has(url.protocol) ? url.href : null;
}

// Does this open (or start) the bot of that name?
export function toBot(address, username) {
  const url = parsed(address);
  if (!url || !username) return false;
  return TELEGRAM.has(url.hostname) && url.pathname.replaceAll("/", "").toLowerCase() === username.toLowerCase();
}

export function hasPayload(address) {
  const { searchParams } = parsed(address);
  return searchParams.has("start") || searchParams.has("startgroup");
}
