/*
 * runtime/dump.c -- where everything stands, for people who look for a hang.
 *
 * THREADS    the driver, while no worker runs
 */
#include "runtime/job_priv.h"

#include <inttypes.h>
#include <stdatomic.h>

static void
dump_wait(sb_step wait, sb_text *out)
{
    static const struct {
        sb_step bit;
        const char *text;
    } names[] = {{SB_WAIT_INPUT, "input"}, {SB_WAIT_ROOM, "room"},   {SB_WAIT_STATE, "state"},
                 {SB_WAIT_ASYNC, "async"}, {SB_WAIT_CLOCK, "clock"}, {SB_STEP_AGAIN, "again"},
                 {SB_STEP_DONE, "done"},   {SB_STEP_FAIL, "fail"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (wait & names[i].bit) {
            sb_text_printf(out, " %s", names[i].text);
        }
    }
}

static void
dump_gate(const sb_gate *gate, const sb_input *in, sb_text *out)
{
    sb_text_printf(out, "    input: wm %" PRId64 "%s%s taken %" PRIu64, in->watermark_ms,
                   in->idle ? " idle" : "", in->ended ? " ended" : "", gate->taken);
    if (in->head) {
        sb_text_printf(out, " head rows %d/%d marks %d/%d", in->row, in->head->count_rows, in->mark,
                       in->head->count_marks);
    }
    sb_text_char(out, '\n');
    for (int32_t c = 0; c < gate->count; c++) {
        const sb_gate_channel *ch = &gate->channels[c];
        const sb_element *front = sb_channel_peek(ch->channel);
        static const char *const kinds[] = {"batch", "barrier", "status", "end"};
        sb_text_printf(out,
                       "      channel %d: wm %" PRId64 "%s%s%s%s barrier %" PRIu64 " front %s\n", c,
                       ch->watermark_ms, ch->idle ? " idle" : "", ch->ended ? " ended" : "",
                       ch->aligned ? "" : " behind", ch->blocked ? " blocked" : "", ch->barrier,
                       front ? kinds[front->kind] : "-");
    }
}

static void
dump_unit(const sb_unit *unit, sb_text *out)
{
    sb_text_printf(
        out, "  %s %u/%d:%s%s done %" PRId64 " target %" PRId64 " barrier %" PRIu64 "%s waits",
        unit->vtable->name, unit->node->node_id, unit->subtask, unit->finished ? " finished" : "",
        unit->restore.next < unit->restore.count ? " restoring" : "", unit->io.done_ms,
        sb_io_target_ms(&unit->io), unit->last_barrier, unit->snapshot ? " snapshot open" : "");
    dump_wait(unit->wait, out);
    for (int32_t p = 0; p < unit->io.count_ports; p++) {
        const sb_port *port = &unit->io.out[p];
        sb_text_printf(out, "; port %d: %d rows %d marks open, wm %" PRId64 "%s", p,
                       port->open.count_rows, port->open.count_marks, port->watermark_ms,
                       sb_outlet_can_push(&unit->outlets[p]) ? "" : " full");
    }
    sb_text_char(out, '\n');
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        dump_gate(&unit->gates[i], &unit->io.in[i], out);
    }
}

void
sb_job_dump(sb_job *job, sb_text *out)
{
    const sb_coordinator *c = &job->coordinator;
    sb_text_printf(out, "job %s: checkpoint %" PRIu64 " phase %d missing %d; waiting I/O jobs %d\n",
                   sb_job_state_text(job->state), c->id, (int)c->phase, c->missing,
                   job->pool ? sb_io_pool_count(job->pool) : 0);
    if (!job->graph) {
        return;
    }
    sb_text_printf(out,
                   "trigger %" PRIu64 " decided %" PRIu64 " aborted %" PRIu64 " committed %" PRIu64
                   " finished %d/%d restoring %d\n",
                   atomic_load(&job->graph->trigger), atomic_load(&job->graph->decided),
                   atomic_load(&job->graph->aborted), atomic_load(&job->graph->committed),
                   atomic_load(&job->graph->count_finished), job->graph->count_units,
                   atomic_load(&job->graph->count_restoring));
    for (int32_t t = 0; t < job->graph->count_tasks; t++) {
        const sb_task *task = &job->graph->tasks[t];
        sb_text_printf(out, "task %d%s\n", t,
                       atomic_load((_Atomic uint32_t *)(uintptr_t)&task->signaled) ? " signaled"
                                                                                   : "");
        for (int32_t u = 0; u < task->count_units; u++) {
            dump_unit(task->units[u], out);
        }
    }
}
