"""Keys and certificates for the TLS listeners of a test, made by openssl for two days."""
import os
import subprocess


def _openssl(*arguments, cwd):
    done = subprocess.run(["openssl", *arguments], cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError("openssl " + arguments[0] + ": " + done.stderr[-500:])


def make(folder):
    """Name of the file -> path: ca.pem, and of server, client and stranger (signed by nobody known) .key, .crt, .pem (both)."""
    os.makedirs(folder)
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for authority, name in (("ca", "sabot test authority"), ("other-ca", "another authority")):
        _openssl("req", "-x509", *curve, "-keyout", authority + ".key", "-out", authority + ".pem", "-days", "2", "-subj", "/CN=" + name, cwd=folder)
    for name, authority in (("server", "ca"), ("client", "ca"), ("stranger", "other-ca")):
        with open(os.path.join(folder, name + ".ext"), "w", encoding="ascii") as file:
            file.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n" if name == "server" else "extendedKeyUsage=clientAuth\n")
        _openssl("req", *curve, "-keyout", name + ".key", "-out", name + ".csr", "-subj", f"/CN={name}", cwd=folder)
        _openssl("x509", "-req", "-in", name + ".csr", "-CA", authority + ".pem", "-CAkey", authority + ".key", "-CAcreateserial",
                 "-out", name + ".crt", "-days", "2", "-extfile", name + ".ext", cwd=folder)
        with open(os.path.join(folder, name + ".pem"), "wb") as both:
            for part in (".key", ".crt"):
                with open(os.path.join(folder, name + part), "rb") as file:
                    both.write(file.read())
    return {name: os.path.join(folder, name) for name in os.listdir(folder)}
