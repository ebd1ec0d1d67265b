/** Says in words why a URL with another scheme than the web's cannot be requested. */

const OBJECT_STORE = 'the address of an object store: list its https: URL';
const IDENTIFIER = 'an identifier: list the https: URL to which it leads';
const LOCAL_FILE = 'a file of the machine where the catalog was made, or a page of a wiki';

const MISSPELT = 'https: is misspelt';
const HOST_AND_PORT = 'perhaps a host with its port: https:// is missing before it';

/** What URLs of a scheme are, by the scheme. */
const SCHEMES: Readonly<Record<string, string>> = {
  s3: OBJECT_STORE,
  gs: OBJECT_STORE,
  wasb: OBJECT_STORE,
  wasbs: OBJECT_STORE,
  abfs: OBJECT_STORE,
  abfss: OBJECT_STORE,
  ipfs: "a name of IPFS: list a gateway's https: URL",
  ipns: "a name of IPFS: list a gateway's https: URL",
  data: 'the image itself, in the catalog: it is not downloaded',
  blob: "an address in a browser's own memory",
  file: LOCAL_FILE,
  doi: IDENTIFIER,
  hdl: IDENTIFIER,
  ark: IDENTIFIER,
  urn: IDENTIFIER,
};

/** For example `s3: is neither http: nor https: (the address of an object store: …)`. */
export function describeScheme({ protocol, pathname }: URL): string {
  const scheme = protocol.slice(0, -1);
  const isDrive = scheme.length === 1;
  const isMisspelt = /^(h+t+p+s*|hxxps?|ttps?|htt|htps)$/.test(scheme);
  const isPort = /^\d{1,5}(\/|$)/.test(pathname);
  const kind =
    SCHEMES[scheme] ??
    (isDrive ? LOCAL_FILE : isMisspelt ? MISSPELT : isPort ? HOST_AND_PORT : null);
  return `${protocol} is neither http: nor https:${kind === null ? '' : ` (${kind})`}`;
}
