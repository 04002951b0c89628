import type { Plugin } from "vite";
import type { ESBuildOptions, TerserOptions } from "vite";
export const JSX: ESBuildOptions;
export const TERSER: TerserOptions;
export function validator(): Plugin;
export function shorter(): Plugin;
export function serviceWorker(): Plugin;
export function gzipped(): Plugin;
export function filesBelow(folder: string): string[];
