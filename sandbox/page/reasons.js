// Why the server refused, in words.

import { t } from "./language.js";
import { ask } from "./live.js";

const REASONS = {
  offline: "refused_offline",
  blocked: "refused_blocked",
  not_a_member: "refused_not_a_member",
  may_not_write: "cannot_write",
  not_own: "refused_not_own",
  empty: "refused_empty",
  too_long: "refused_too_long",
  too_large: "refused_too_large",
  too_many: "refused_too_many",
  too_far: "refused_too_far",
  not_a_link: "no_such_link",
  not_a_zone: "refused_not_a_zone",
  nothing_due: "nothing_due",
  nothing_coming: "nothing_coming",
  unseen: "refused_unseen",
  nobody: "refused_nobody",
  started: "refused_started",
  no_answer: "refused_no_answer",
  not_running: "refused_not_running",
  not_here: "refused_not_here",
  unknown_message: "not_here",
  no_such_button: "refused_no_button",
  unknown_query: "refused_old_results",
};

export function reason(error) {
  return t(REASONS[error.code] ?? "refused");
}

// Whether it was done; if not, it is said why.
export async function attempt(say, action, fields = {}) {
  try {
    await ask(action, fields);
    return true;
  } catch (error) {
    say(reason(error));
    return false;
  }
}
