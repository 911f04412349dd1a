import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asProblem } from "./api/problem";
import { LanguageProvider } from "./i18n";
import { router } from "./router";
import { ThemeProvider } from "./theme";
import "./theme/global.css";

/** A session that has ended is noticed by whatever call meets it first. */
function onError(error: unknown): void {
  if (asProblem(error).status === 401) void client.invalidateQueries({ queryKey: ["session"] });
}

const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && [0, 502, 504].includes(asProblem(error).status),
    },
  },
  queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== "session" && onError(error) }),
  mutationCache: new MutationCache({ onError }),
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <LanguageProvider>
          <ThemeProvider>
            <RouterProvider router={router} />
          </ThemeProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
