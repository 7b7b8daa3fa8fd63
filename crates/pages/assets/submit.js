// Sends the answer to the application at once; without script the person presses the button.

document.querySelector("form[data-submit-at-once]")?.requestSubmit();
