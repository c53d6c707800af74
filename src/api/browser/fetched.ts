// The package's files, from where this one lies.

export async function response(name: string): Promise<Response> {
  const url = new URL(`./${name}`, import.meta.url);
  const r = await fetch(url);
  if (!r.ok) throw new Error(`${url}: ${r.status} ${r.statusText}: the package's files must lie together`);
  return r;
}
export async function fetched(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await response(name)).arrayBuffer());
}
