/** Tokens of workstations and scripts, for IT: make one, see its secret once, revoke it. */
import { useState } from "preact/hooks";

import { send } from "../api/client";
import type { Token, TokenMade, TokenRole, Tokens as All } from "../model/types";
import { t } from "../texts";
import { moment, sentence, Table, Trouble, useLoaded } from "./loading";

const ROLES = ["lead", "steward", "it"] as const satisfies readonly TokenRole[];
const LONGEST_DAYS = 366;

export function Tokens() {
  const { value, error, again } = useLoaded<All>("/api/tokens");
  const [trouble, setTrouble] = useState("");
  const [made, setMade] = useState<TokenMade | null>(null);
  const act = async (path: string, body?: unknown) => {
    setMade(null);
    try {
      const told = await send("POST", path, body);
      setTrouble("");
      await again();
      return told;
    } catch (refusal) {
      setTrouble(sentence(refusal));
      return undefined;
    }
  };
  const make = async (body: unknown) => {
    const told = (await act("/api/tokens", body)) as TokenMade | undefined;
    setMade(told ?? null);
    return told !== undefined;
  };
  return (
    <section>
      <h1>{t("page.tokens")}</h1>
      <p class="hint">{t("tokens.about")}</p>
      <Trouble text={error || trouble} />
      {made !== null && <Secret made={made} close={() => { setMade(null); }} />}
      <MakeForm make={make} />
      {value?.tokens.length === 0 && <p>{t("tokens.none")}</p>}
      {value !== null && value.tokens.length > 0 && (
        <TokenTable tokens={value.tokens} revoke={(token) => void act(`/api/tokens/${token.token_id}/revocation`)} />
      )}
    </section>
  );
}

function Secret({ made, close }: { readonly made: TokenMade; readonly close: () => void }) {
  return (
    <div class="card" role="status" aria-label={t("tokens.secret")}>
      <h2>{made.token.name}</h2>
      <p class="warning">{t("tokens.once")}</p>
      <p class="code">{made.secret}</p>
      <button type="button" onClick={close}>
        {t("tokens.close")}
      </button>
    </div>
  );
}

function MakeForm({ make }: { readonly make: (body: unknown) => Promise<boolean> }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<TokenRole | "">("");
  const [days, setDays] = useState("90");
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (await make({ name: name.trim(), role, days: Number(days) })) {
      setName("");
      setRole("");
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} autocomplete="off">
      <h2>{t("tokens.make")}</h2>
      <label for="token-name">{t("tokens.name")}</label>
      <input id="token-name" value={name} maxLength={120} onInput={(event) => { setName(event.currentTarget.value); }} />
      <label for="token-role">{t("tokens.role")}</label>
      <select
        id="token-role"
        value={role}
        onChange={(event) => {
          setRole(ROLES.find((one) => one === event.currentTarget.value) ?? "");
        }}
      >
        <option value="">{t("tokens.choose")}</option>
        {ROLES.map((one) => (
          <option key={one} value={one}>
            {t(`tokens.role-${one}`)}
          </option>
        ))}
      </select>
      <label for="token-days">{t("tokens.days")}</label>
      <input
        id="token-days"
        type="number"
        min={1}
        max={LONGEST_DAYS}
        value={days}
        onInput={(event) => {
          setDays(event.currentTarget.value);
        }}
      />
      <button type="submit" class="main" disabled={name.trim() === "" || role === ""}>
        {t("tokens.make")}
      </button>
    </form>
  );
}

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly revoke: (token: Token) => void;
}

function TokenTable({ tokens, revoke }: TokenTableProps) {
  const head = ["name", "role", "state", "made", "end", "step"] as const;
  return (
    <Table head={head.map((name) => t(`tokens.${name}`))}>
      {tokens.map((token) => (
        <tr key={token.token_id}>
          <td>{token.name}</td>
          <td>{ROLES.map((role) => (role === token.role ? t(`tokens.role-${role}`) : ""))}</td>
          <td>{t(`tokens.${token.state}`)}</td>
          <td>{moment(token.made_at)}</td>
          <td>{moment(token.revoked_at ?? token.expires_at)}</td>
          <td>
            {token.state === "works" && (
              <button type="button" class="stop" aria-label={t("tokens.revoke-one", { name: token.name })} onClick={() => { revoke(token); }}>
                {t("tokens.revoke")}
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
