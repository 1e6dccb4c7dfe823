export type { ChatTemplate } from './chat-template.js';
export { ConversationError, type ConversationErrorCode, conversationErrorCodes } from './conversation-error.js';
export { createWriting } from './create-writing.js';
export { encodeConversation } from './encode-conversation.js';
export { type AnswerReading, type EncodedExchange, encodeExchange } from './encode-exchange.js';
export {
  type Cell,
  type Exchange,
  exchangeOfText,
  readExchange,
  readExchanges,
  transcriptOf,
  writeExchange,
} from './exchange.js';
export { encodeJudgement, type Judgement } from './judgement.js';
export { readConversation } from './read-conversation.js';
export { type ChatSource, readChatSource, type TemplateFile } from './template-files.js';
export { writeConversation } from './write-conversation.js';
