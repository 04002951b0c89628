import type { Plugin } from "vite";
export function validator(): Plugin;
export function serviceWorker(): Plugin;
export function gzipped(): Plugin;
export function filesBelow(folder: string): string[];
