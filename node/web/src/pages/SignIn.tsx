import { useEffect, useRef, useState } from "preact/hooks";

import { signIn, unheard } from "../state/session";
import { t } from "../texts";
import { Apply } from "./people/Apply";
import { sentence, Trouble } from "./loading";

export function SignIn() {
  return (
    <section class="sign-in">
      <h1>{t("sign-in.title")}</h1>
      <p class="promise">{t("app.promise")}</p>
      {unheard.value && <p class="warning" role="alert">{t("sign-in.unheard")}</p>}
      <Forms />
      <Apply />
    </section>
  );
}

/** Above the page, where the session ended at work: the same person goes on where they were. */
export function SignInAgain() {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.querySelector("input")?.focus();
  }, []);
  return (
    <section ref={place} class="sign-in again" role="dialog" aria-modal="true" aria-labelledby="again">
      <h1 id="again">{t("sign-in.again")}</h1>
      <p>{t("sign-in.again-says")}</p>
      <Forms />
    </section>
  );
}

function Forms() {
  const [error, setError] = useState("");
  const submit = (fields: readonly string[]) => (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const credentials = Object.fromEntries(
      fields.map((name) => {
        const value = form.get(name);
        return [name, typeof value === "string" ? value.trim() : ""];
      }),
    );
    signIn(credentials).catch((refusal: unknown) => {
      setError(sentence(refusal));
    });
  };
  return (
    <>
      <Trouble text={error} />
      <form onSubmit={submit(["code"])}>
        <label for="code">{t("sign-in.code")}</label>
        <input id="code" name="code" autocomplete="one-time-code" required spellcheck={false} />
        <button type="submit" class="main">
          {t("sign-in.with-code")}
        </button>
        <p class="hint">{t("sign-in.where-from")}</p>
      </form>
      <form onSubmit={submit(["person", "password"])}>
        <label for="person">{t("sign-in.person")}</label>
        <input id="person" name="person" autocomplete="username" required spellcheck={false} />
        <label for="password">{t("sign-in.password")}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button type="submit">{t("sign-in.with-password")}</button>
      </form>
    </>
  );
}
