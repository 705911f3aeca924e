// A file system of a server's own: an image in a file, which is read raw, blocks that are free included, when the server has
// ended. Making one is root's.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./until.ts";

/** ext4 wants some for itself. */
const BYTES = 48 << 20;
/** A disk is unmounted when the last process that sees it is gone, some time after that. */
const GONE_MS = 10_000;

/**
 * Mounts the image where the second argument says, makes everything else that could be written to read-only, all for itself
 * alone, and becomes the rest of them.
 */
const ON_IT =
  'set -e; mount --make-rprivate /; mount -o loop "$1" "$2"; shift 2; for other in /* /dev/shm; do case $other in /proc|/sys|/dev) ;; ' +
  '*) [ ! -d $other ] || { mount --rbind $other $other; mount -o remount,bind,ro $other; } ;; esac; done; exec "$@"';

const run = promisify(execFile);

export class Disk {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Disk> {
    const disk = new Disk(await mkdtemp(join(tmpdir(), "vivavoce-disk-")));
    await mkdir(disk.mounted);
    await writeFile(disk.image, "");
    await truncate(disk.image, BYTES);
    await run("mkfs.ext4", ["-q", disk.image]);
    return disk;
  }

  get image(): string {
    return join(this.folder, "disk");
  }

  /** Where whoever is started by `starting` finds it; nobody else does. */
  get mounted(): string {
    return join(this.folder, "mounted");
  }

  /** The words that start a program on it; it keeps their process id. */
  starting(program: string): readonly [string, ...string[]] {
    return ["unshare", "--mount", "sh", "-c", ON_IT, "sh", this.image, this.mounted, program];
  }

  /** The words that start another beside that process. */
  beside(pid: number, program: string): readonly [string, ...string[]] {
    return ["nsenter", "--mount", "--target", String(pid), program];
  }

  /** All of it, once it is given back: only then is everything written. */
  async raw(): Promise<Buffer> {
    await run("sync");
    await until("the disk is given back", GONE_MS, async () => !(await this.#isMounted()) || undefined);
    return readFile(this.image);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #isMounted(): Promise<boolean> {
    const devices = await readdir("/sys/block");
    const backs = await Promise.all(devices.map((device) => readFile(`/sys/block/${device}/loop/backing_file`, "utf8").catch(() => "")));
    return backs.some((file) => file.trim() === this.image);
  }
}
