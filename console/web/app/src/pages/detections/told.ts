import type { Language } from "../../i18n";

/** A sentence that was made in English, in Chinese where the catalogue has it. */
export const told = (english: string, chinese: string, language: Language) => (language === "zh" && chinese) || english;
