// Recovery codes: copied or printed before the page is left, since they are shown once.

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const codes = document.querySelectorAll(`#${button.dataset.copy} code`);
    try {
      await navigator.clipboard.writeText([...codes].map((code) => code.textContent).join("\n"));
      button.textContent = button.dataset.done;
      setTimeout(() => (button.textContent = label), 3000);
    } catch {
      // No clipboard here: selected, the codes can be copied by hand.
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
