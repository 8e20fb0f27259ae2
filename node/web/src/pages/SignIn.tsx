import { useState } from "preact/hooks";

import { signIn } from "../state/session";
import { t } from "../texts";
import { sentence, Trouble } from "./loading";

export function SignIn() {
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
    <section class="sign-in">
      <h1>{t("sign-in.title")}</h1>
      <p class="promise">{t("app.promise")}</p>
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
    </section>
  );
}
