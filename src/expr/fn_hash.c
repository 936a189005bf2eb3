/*
 * expr/fn_hash.c -- MD5, SHA1, SHA224, SHA256, SHA384, SHA512, SHA2: digests of a text's bytes in
 * lower case hexadecimal, by OpenSSL.
 */
#include "expr/infer.h"

#include <openssl/evp.h>

static const EVP_MD *
digest_of(int64_t code)
{
    switch (code) {
    case 5: return EVP_md5();
    case 1: return EVP_sha1();
    case 224: return EVP_sha224();
    case 256: return EVP_sha256();
    case 384: return EVP_sha384();
    case 512: return EVP_sha512();
    default: return NULL;
    }
}

/* What OpenSSL looks up and allocates, once for all rows. */
typedef struct hash_state {
    EVP_MD *digest; /* NULL: this OpenSSL does not have it */
    EVP_MD_CTX *context;
} hash_state;

static sb_status
hash_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    hash_state *s = SB_NEW(arena, hash_state);
    const EVP_MD *known = digest_of(call->expr->function->impl->code);
    if (!s) {
        SB_NOMEM(err);
    }
    s->digest = known ? EVP_MD_fetch(NULL, EVP_MD_get0_name(known), NULL) : NULL;
    s->context = EVP_MD_CTX_new();
    call->state = s;
    if (!s->context) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
hash_release(void *state)
{
    hash_state *s = state;
    EVP_MD_CTX_free(s->context);
    EVP_MD_free(s->digest);
}

static sb_status
digest(sb_call *call, int64_t code, sb_str s, void *out, sb_error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    const hash_state *state = call->state;
    bool done = state ? state->digest && EVP_DigestInit_ex2(state->context, state->digest, NULL) &&
                            EVP_DigestUpdate(state->context, s.data, s.size) &&
                            EVP_DigestFinal_ex(state->context, bytes, &n)
                      : EVP_Digest(s.data, s.size, bytes, &n, digest_of(code), NULL) == 1;
    if (!done) {
        SB_FAIL(err, SB_STATUS_DATA, "%s: the digest is not available in this OpenSSL",
                call->expr->function->name);
    }
    for (unsigned int i = 0; i < n; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    return sb_call_string(call, out, text, 2 * (size_t)n, err);
}

/* The type has the length of the digest. */
static sb_status
hash_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type.id = SB_TYPE_CHAR;
    in->type.length = 2 * EVP_MD_get_size(digest_of(in->function->impl->code));
    return SB_OK;
}

static sb_status
hash_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    return digest(call, call->expr->function->impl->code, sb_arg_str(args[0]), out, err);
}

#define HASH(id, bits)                                     \
    const sb_impl sb_impl_##id = {.infer = hash_infer,     \
                                  .row = hash_row,         \
                                  .prepare = hash_prepare, \
                                  .release = hash_release, \
                                  .code = bits}
HASH(md5, 5);
HASH(sha1, 1);
HASH(sha224, 224);
HASH(sha256, 256);
HASH(sha384, 384);
HASH(sha512, 512);
#undef HASH

/* The bits are an argument; 224, 256, 384 and 512 are known. */
static sb_status
sha2_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type.length = 128;
    return SB_OK;
}

static sb_status
sha2_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int64_t bits = *(const int64_t *)args[1];
    if (bits != 224 && bits != 256 && bits != 384 && bits != 512) {
        SB_FAIL(err, SB_STATUS_DATA, "SHA2: no digest of %lld bits, only 224, 256, 384, 512",
                (long long)bits);
    }
    return digest(call, bits, sb_arg_str(args[0]), out, err);
}

const sb_impl sb_impl_sha2 = {.infer = sha2_infer, .row = sha2_row};
