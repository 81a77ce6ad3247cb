"""Install Chromium and a Chinese font with apt where they are missing and that is permitted; say so where it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.browser.chromium import find_chromium

PACKAGES = {"chromium": "chromium", "fonts": "fonts-noto-cjk"}


def _has_chinese_font() -> bool:
    fc_list = shutil.which("fc-list")
    if fc_list is None:
        return False
    return bool(
        subprocess.run([fc_list, ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout.strip()
    )


def _missing() -> list[str]:
    missing = [] if find_chromium() else [PACKAGES["chromium"]]
    return missing if _has_chinese_font() else [*missing, PACKAGES["fonts"]]


def main() -> int:
    """Return 0 if the browser tests can run."""
    missing = _missing()
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        missing = _missing()
    if missing:
        print(
            f"浏览器测试需要 {'、'.join(missing)}，这里没有且无法自动安装。请由管理员安装，例如：",
            file=sys.stderr,
        )
        print(f"  sudo apt-get install {' '.join(missing)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
