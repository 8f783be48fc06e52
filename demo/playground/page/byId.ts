/** An element of index.html. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}
