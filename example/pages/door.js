// The form at the door of a room, and what is said below a field.

// complain says below a field what is wrong with it, or that nothing is. The reason has
// neither a capital letter at its begin nor a full stop.
export function complain(field, text) {
  const sentence = text && text[0].toUpperCase() + text.slice(1) + ".";
  document.getElementById(field.id + "-error").textContent = sentence;
  if (text === "") {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    return;
  }
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", field.id + "-error");
  field.focus();
}

const someTries = 3;

// trouble returns what to tell somebody who has not come in, after the tries so far.
export async function trouble(code, tries) {
  if (code === 1013) return "The room cannot be opened at the moment. Trying again …";
  if (tries < someTries) return "Connecting …";
  const answer = await fetch(location.href, {method: "HEAD", cache: "no-store"}).catch(() => null);
  return answer?.ok
    ? "The server answers, but does not let the chat through. Perhaps a proxy on the way " +
      "does not pass on websockets. Trying again …"
    : "The server does not answer. Perhaps it is down, or this device is offline. Trying again …";
}
