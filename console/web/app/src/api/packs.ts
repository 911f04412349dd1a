import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "./http";
import type { PackPreview } from "./types";
import { sendFile } from "./upload";

export const usePacks = () => useQuery({ queryKey: ["packs"], queryFn: ({ signal }) => get("/api/packs", { signal }) });
export const usePack = (name: string) => useQuery({ queryKey: ["packs", name], queryFn: ({ signal }) => get("/api/packs/{name}", { path: { name }, signal }), enabled: name !== "" });

/** A zip to look at: what it would change. Nothing is changed yet. */
export const previewPack = (file: File, onProgress: (share: number) => void) => sendFile<PackPreview>("/api/packs/uploads", file, onProgress);

function useAged<Given, Answer>(deed: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deed,
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ["packs"] }), client.invalidateQueries({ queryKey: ["rules"] })]),
  });
}

export const useInstallPack = () => useAged((body: { upload: string; name: string; allow_unsigned: boolean; reason: string }) => post("/api/packs", { body }));
export const useRemovePack = () => useAged(({ name, reason }: { name: string; reason: string }) => post("/api/packs/{name}/remove", { path: { name }, body: { reason } }));
