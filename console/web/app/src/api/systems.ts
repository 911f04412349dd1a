import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { address, get, post, put } from "./http";
import type { components } from "./schema";
import { sendFile } from "./upload";

type Schemas = components["schemas"];
type Named<Body> = Body & { system: string };

export const useSystems = () => useQuery({ queryKey: ["systems"], queryFn: ({ signal }) => get("/api/compliance/systems", { signal }) });
export const useSystem = (system: string) =>
  useQuery({ queryKey: ["systems", system], queryFn: ({ signal }) => get("/api/compliance/systems/{system}", { path: { system }, signal }) });
export const useSystemItem = (system: string, unit: string) =>
  useQuery({ queryKey: ["systems", system, unit], queryFn: ({ signal }) => get("/api/compliance/systems/{system}/items/{unit}", { path: { system, unit }, signal }) });

/** A change of systems: what is shown of them grows old. */
function useAct<Given, Answer>(act: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => Promise.all(["systems", "jobs"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}

export const useAddSystem = () => useAct((body: Schemas["NewSystem"]) => post("/api/compliance/systems", { body }));
export const useChangeSystem = () => useAct(({ system, ...body }: Named<Schemas["Register"]>) => put("/api/compliance/systems/{system}", { path: { system }, body }));
export const useRunSystem = () => useAct((system: string) => post("/api/compliance/systems/{system}/runs", { path: { system } }));
export const useAttest = () => useAct(({ system, ...body }: Named<Schemas["NewAttestation"]>) => post("/api/compliance/systems/{system}/attestations", { path: { system }, body }));
export const useAssign = () => useAct(({ system, ...body }: Named<Schemas["NewTask"]>) => post("/api/compliance/systems/{system}/tasks", { path: { system }, body }));
export const useTaskAct = () => useAct(({ task, ...body }: Schemas["NewTaskAct"] & { task: string }) => post("/api/compliance/tasks/{task}/acts", { path: { task }, body }));
export const useWithdraw = () =>
  useAct(({ system, attestation, reason }: { system: string; attestation: string; reason: string }) =>
    post("/api/compliance/systems/{system}/attestations/{attestation}/withdraw", { path: { system, attestation }, body: { reason } }),
  );
export const useRegisters = (system: string) =>
  useQuery({ queryKey: ["systems", system, "registers"], queryFn: ({ signal }) => get("/api/compliance/systems/{system}/registers", { path: { system }, signal }) });
export const useWriteRegister = () =>
  useAct(({ system, name, ...body }: Named<Schemas["RegisterRows"]> & { name: string }) => put("/api/compliance/systems/{system}/registers/{name}", { path: { system, name }, body }));
export const useRestoreRegister = () =>
  useAct(({ system, name, ...body }: Named<Schemas["RegisterBack"]> & { name: string }) => post("/api/compliance/systems/{system}/registers/{name}/restore", { path: { system, name }, body }));
export const useBring = () =>
  useAct(({ system, asset, file }: { system: string; asset: string; file: File }) =>
    sendFile<Schemas["Brought"]>(address("/api/compliance/systems/{system}/evidence", { system }, { asset }), file, () => undefined),
  );
export const sendDocument = (file: File) => sendFile<Schemas["Attachment"]>("/api/compliance/attachments", file, () => undefined);
export const paperAddress = (system: string, paper: string) => address("/api/compliance/systems/{system}/papers/{paper}", { system, paper });
