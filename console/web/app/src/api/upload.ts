import { csrfToken } from "./http";
import { Problem, type ProblemBody } from "./problem";
import type { Job } from "./types";

export const sendCapture = (file: File, onProgress: (share: number) => void): Promise<Job> => sendFile<Job>("/api/captures", file, onProgress);

/** Send a file with progress in 0…1; `fetch` cannot tell how much has gone out. */
export function sendFile<Answer>(address: string, file: File, onProgress: (share: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-CSRF-Token", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Problem(0, { code: "offline" }));
    request.onload = () => {
      const body = read(request.responseText);
      if (request.status < 300) resolve(body as Answer);
      else reject(new Problem(request.status, (body as ProblemBody | null) ?? { title: request.statusText }));
    };
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
