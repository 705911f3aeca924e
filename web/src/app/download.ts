/** So long the browser may take to begin reading, in milliseconds. */
const READ_MS = 10_000;

/** Gives the browser a text, to be saved as a file. */
export function saveAs(name: string, text: string, type: "application/json" | "text/plain"): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), READ_MS);
}
