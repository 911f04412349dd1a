/** The few colours of the console; global.css carries the same as variables. */
export const COLOURS = {
  light: {
    accent: "#0b6e8a",
    back: "#f3f5f7",
    panel: "#ffffff",
    raised: "#ffffff",
    line: "#d5dce3",
    faint: "#e7ebef",
    text: "#1b2530",
    muted: "#5d6b7a",
  },
  dark: {
    accent: "#3fa9c4",
    back: "#0d131a",
    panel: "#141c25",
    raised: "#1b2531",
    line: "#2c3947",
    faint: "#212c38",
    text: "#d9e1e9",
    muted: "#8d9bab",
  },
} as const;
