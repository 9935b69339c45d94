/** What a topic's name may be, for messages. */
export const TOPIC_NAME_FORMS: string = "a text of 1 to 200 characters without U+0000 or lone surrogates";

/** Whether a text can be the name of a topic. */
export function isTopicName(text: string): boolean {
  return text !== "" && text.length <= LONGEST_NAME && text.isWellFormed() && !text.includes("\0");
}

/** In UTF-16 units. */
const LONGEST_NAME = 200;
