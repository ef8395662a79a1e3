// What the browser keeps for the next time. It may refuse to, and what it holds may be broken:
// nothing here throws, and what was refused lasts as long as the page.

const refused = new Map();

export function text(key, store = "localStorage") {
  if (refused.has(key)) return refused.get(key);
  try {
    return window[store].getItem(key);
  } catch {
    return null;
  }
}

export function keepText(key, value, store = "localStorage") {
  try {
    window[store].setItem(key, value);
    refused.delete(key);
  } catch {
    refused.set(key, value);
  }
}

// An empty object, if it is none.
export function object(key) {
  try {
    const value = JSON.parse(text(key));
    return value && typeof value === "object" && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

export function keepObject(key, value) {
  keepText(key, JSON.stringify(value));
}
