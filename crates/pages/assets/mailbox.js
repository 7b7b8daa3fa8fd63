// The mailbox shows a mail as soon as it is there: it asks for the newest one and loads itself again when that is another.

const mails = document.getElementById("mails");
const shown = mails.querySelector("[data-mail]")?.getAttribute("href").split("/").pop();

async function look() {
  try {
    const answer = await fetch(`${mails.dataset.json}?limit=1`);
    const newest = answer.ok ? (await answer.json()).messages[0]?.id : shown;
    if (newest !== shown) return location.reload();
  } catch {
    // The server is being restarted; the next look may find it.
  }
  setTimeout(begin, 2000);
}

// A tab that nobody looks at asks for nothing.
function begin() {
  if (document.hidden) addEventListener("visibilitychange", begin, { once: true });
  else look();
}

begin();
