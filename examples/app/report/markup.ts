/** Markup that is safe to write into a page; made by {@link markup} alone. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | readonly Markup[];

/** A template tag for HTML and SVG that escapes whatever is put in, except markup that it made itself. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, index) => part + toText(values[index] ?? "")).join(""));
}

function toText(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("\n");
  return String(value).replaceAll(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
