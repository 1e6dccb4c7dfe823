/**
 * Keys and tokens that say by their beginning who issued them, as the issuers document them (GitHub, "supported secret
 * scanning patterns"; gitleaks' rules). All are parts of one pattern, so that a text is read once; a name is a group.
 */
const issued: Readonly<Record<string, string>> = {
  AWS: '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}',
  GitHub: 'gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}',
  GitLab: 'gl(?:pat|ptt|dt|rt|oas|ft|soat)-[\\w-]{20,64}',
  Slack: 'xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-\\d-[A-Za-z0-9-]{10,250}',
  SlackWebhook: 'hooks\\.slack\\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,30}',
  Google: 'AIza[\\w-]{35}|GOCSPX-[\\w-]{28}|ya29\\.[\\w-]{20,250}',
  Stripe: '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,247}|whsec_[A-Za-z0-9+/]{32,64}',
  Anthropic: 'sk-ant-[\\w-]{20,200}',
  OpenAI: 'sk-(?:proj|svcacct|admin|None)-[\\w-]{20,250}|sk-[A-Za-z0-9]{48}',
  HuggingFace: '(?:hf|api_org)_[A-Za-z]{34}|hf_[A-Za-z0-9]{30,40}',
  Npm: 'npm_[A-Za-z0-9]{36}',
  PyPI: 'pypi-AgE[\\w-]{50,1000}',
  SendGrid: 'SG\\.[\\w-]{22}\\.[\\w-]{43}',
  Twilio: '(?:AC|SK)[0-9a-f]{32}',
  Mailgun: 'key-[0-9a-f]{32}',
  Mailchimp: '[0-9a-f]{32}-us\\d{1,2}',
  DigitalOcean: 'do[opr]_v1_[a-f0-9]{64}',
  Shopify: 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}',
  Telegram: '\\d{8,10}:AA[\\w-]{33}',
  Discord: '[MNO][A-Za-z0-9_-]{23,25}\\.[\\w-]{6}\\.[\\w-]{27,38}',
  Square: 'sq0(?:atp|csp)-[\\w-]{22,43}|EAAA[\\w-]{60}',
  Databricks: 'dapi[a-h0-9]{32}(?:-\\d)?',
  Docker: 'dckr_(?:pat|oat)_[\\w-]{27,32}',
  Grafana: 'gl(?:c|sa)_[A-Za-z0-9+/_]{32,400}',
  Vault: 'hv[sb]\\.[\\w-]{24,200}',
  Atlassian: 'ATATT3[\\w=-]{180,200}',
  Linear: 'lin_api_[A-Za-z0-9]{40}',
  Notion: 'ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}',
  Postman: 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}',
  Supabase: 'sb(?:p|_secret)_[A-Za-z0-9_]{20,60}',
  JWT: 'eyJ[\\w-]{10,2000}\\.eyJ[\\w-]{10,4000}\\.[\\w-]{10,1000}',
};

/** No letter or digit goes on before or after; `=` of padding may follow. */
export const issuedKeys = new RegExp(
  `(?<![A-Za-z0-9_])(?:${Object.entries(issued)
    .map(([issuer, form]) => `(?<${issuer}>${form})`)
    .join('|')})(?![A-Za-z0-9_-])`,
  'g',
);

/** Names of a field that holds a secret, then `=` or `:`, then its value with or without quotes. */
export const assignment =
  /(?<![A-Za-z])((?:[a-z]+[_.-]){0,3}(?:(?:api|access|auth|secret|private|encryption|signing|account|client|license|storage|shared)[ _-]?key|apikey|access[ _-]?token|auth[ _-]?token|refresh[ _-]?token|bearer[ _-]?token|session[ _-]?token|id[ _-]?token|token|client[ _-]?secret|secret|password|passwd|passphrase|passwort|contraseña|pwd|pw))["']?\s{0,3}(?::=|=>|[=:])\s{0,3}(?:Bearer\s+|Basic\s+)?(?:"([^"\n]{6,256})"|'([^'\n]{6,256})'|([^\s"'`<>(){}[\],;&|]{6,256}))/gi;

/** An HTTP header that carries a token. */
export const authorization = /\bAuthorization["']?\s*:\s*["']?(?:Bearer|Basic|Token)\s+([\w.~+/-]{8,2000}={0,2})/gi;
