// A certificate authority that lives as long as a test, and what it signs. Nobody else trusts it.

import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";

export interface Files {
  readonly cert: string;
  readonly key: string;
}

export class Authority {
  private constructor(
    readonly folder: string,
    /** Its own certificate, PEM. */
    readonly pem: string,
  ) {}

  static async found(): Promise<Authority> {
    const folder = await mkdtemp(join(tmpdir(), "vivavoce-authority-"));
    const [key, cert] = [join(folder, "authority.key"), join(folder, "authority.pem")];
    await openssl("req", "-x509", ...newKey(key), "-out", cert, "-days", "2", "-subj", "/CN=Test authority");
    return new Authority(folder, await readFile(cert, "utf8"));
  }

  /** A certificate for a host, with its chain, into these two files; a second call is a renewal with a fresh key. */
  async sign(host: string): Promise<Files> {
    const files = { cert: join(this.folder, `${host}.pem`), key: join(this.folder, `${host}.key`) };
    const [request, extensions] = [join(this.folder, "request.pem"), join(this.folder, "extensions")];
    await openssl("req", ...newKey(files.key), "-out", request, "-subj", `/CN=${host}`);
    await writeFile(extensions, `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`);
    const by = ["-CA", join(this.folder, "authority.pem"), "-CAkey", join(this.folder, "authority.key")];
    const signed = join(this.folder, "signed.pem");
    await openssl("x509", "-req", "-in", request, ...by, "-days", "2", "-extfile", extensions, "-out", signed);
    await writeFile(files.cert, (await readFile(signed, "utf8")) + this.pem);
    return files;
  }

  /**
   * For Chromium: chains that end at this authority are good, and a host leads to this machine. Unlike ignoring errors
   * this leaves the page secure without exception, as passkeys ask for.
   */
  browserArguments(host: string): string[] {
    const key = new X509Certificate(this.pem).publicKey.export({ type: "spki", format: "der" });
    const pin = createHash("sha256").update(key).digest("base64");
    return [`--ignore-certificate-errors-spki-list=${pin}`, `--host-resolver-rules=MAP ${host} 127.0.0.1`];
  }

  /** The serial number of the certificate that a port shows, verified against this authority and the host. */
  serialAt(port: number, host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", servername: host, ca: this.pem, timeout: 5_000 }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on("error", reject);
      socket.on("timeout", () => socket.destroy(new Error("no handshake")));
    });
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function newKey(file: string): string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file];
}

async function openssl(...words: string[]): Promise<void> {
  await promisify(execFile)(process.env["VIVAVOCE_OPENSSL"] ?? "/usr/bin/openssl", words, { timeout: 20_000 });
}
