import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { carry, get, post, put, remove } from "./http";
import type { Role, Session } from "./types";

const KEY = ["session"];

async function readSession(): Promise<Session> {
  const session = await get("/api/session", {});
  carry({ csrf: session.csrf });
  return session;
}

export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: readSession, retry: false, staleTime: 60_000 });
}

const READERS: Role[] = ["viewer", "analyst", "responder", "compliance"];

/** Which roles may do what; the server decides again on every call. */
const DEEDS = {
  read: READERS,
  operate: [...READERS, "system_admin"],
  act: ["analyst"],
  approve: ["responder"],
  comply: ["compliance"],
  administer: ["system_admin"],
  manage_users: ["security_admin"],
  audit: ["auditor"],
} satisfies Record<string, Role[]>;

export type Deed = keyof typeof DEEDS;

export function useCan(): (deed: Deed) => boolean {
  const { data } = useSession();
  return (deed) => DEEDS[deed].some((role: Role) => data?.user.roles.includes(role));
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { name: string; password: string }) => post("/api/session", { body: given }),
    onSuccess: (session) => {
      carry({ csrf: session.csrf });
      client.setQueryData(KEY, session);
    },
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => remove("/api/session", {}),
    onSettled: () => {
      client.clear();
      location.assign("/login");
    },
  });
}

export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: { old: string; new: string }) => post("/api/session/password", { body: given }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export const saveLanguage = (language: "zh" | "en") => put("/api/session/language", { body: { language } });
