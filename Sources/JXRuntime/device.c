/* Runs the steps of a device's program. */
#include "device.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

struct jx_device_instance {
  jx_device *device;
  const jx_device_program *program;
  void *module;
  void **kernels;
  jx_address *constants;
  jx_address workspace;
  /* The parameters of the last run, and its steps as a recording, if they have been the same twice. */
  jx_address *parameters;
  void *recording;
  int is_recordable, has_run;
};

static int is_recordable(const jx_device *device, const jx_device_program *program);

static _Thread_local char message[sizeof((jx_device *)0)->message];

const char *jx_device_message(void) { return message; }

const char *jx_device_reason(const jx_device *device) { return device->message; }

int32_t jx_device_fails(int32_t status, const char *reason) {
  if (reason != message) snprintf(message, sizeof message, "%s", reason);
  return status;
}

/* Notes why a device failed. */
static int32_t noted(jx_device *device, int32_t status) {
  if (status && device->message[0]) jx_device_fails(status, device->message);
  return status;
}

int32_t jx_device_load(jx_device *device, const jx_device_program *program,
                       jx_device_instance **result) {
  int32_t status = JX_OUT_OF_MEMORY;
  if (device->architecture && device->architecture < program->architecture) {
    snprintf(device->message, sizeof device->message,
             "the GPU is an sm_%d, and the kernels are for sm_%d or newer", device->architecture,
             program->architecture);
    return noted(device, JX_DEVICE_FAILED);
  }
  jx_device_instance *made = calloc(1, sizeof *made);
  if (!made) goto failed;
  made->device = device;
  made->program = program;
  made->kernels = calloc(program->kernel_count + 1, sizeof *made->kernels);
  made->constants = calloc(program->constant_count + 1, sizeof *made->constants);
  made->parameters =
      calloc(program->argument_count + program->result_count + 1, sizeof *made->parameters);
  if (!made->kernels || !made->constants || !made->parameters) goto failed;
  made->is_recordable = is_recordable(device, program);
  if (program->kernel_count > 0) {
    status = device->load(device, program->ptx, program->kernels, program->kernel_count,
                          &made->module, made->kernels);
    if (status) goto failed;
  }
  for (int32_t c = 0; c < program->constant_count; c++) {
    const jx_device_constant *constant = &program->constants[c];
    status = device->allocate(device, constant->size + !constant->size, &made->constants[c]);
    if (!status && constant->size)
      status = device->write(device, made->constants[c], constant->bytes, constant->size);
    if (status) goto failed;
  }
  if (program->workspace > 0) {
    status = device->allocate(device, program->workspace, &made->workspace);
    if (status) goto failed;
  }
  *result = made;
  return 0;

failed:
  noted(device, status);
  jx_device_unload(made);
  return status;
}

void jx_device_unload(jx_device_instance *instance) {
  if (!instance) return;
  jx_device *device = instance->device;
  if (instance->constants) {
    for (int32_t c = 0; c < instance->program->constant_count; c++)
      if (instance->constants[c]) device->release(device, instance->constants[c]);
  }
  if (instance->workspace) device->release(device, instance->workspace);
  if (instance->recording) device->forget(device, instance->recording);
  if (instance->module) device->unload(device, instance->module);
  free(instance->kernels);
  free(instance->constants);
  free(instance->parameters);
  free(instance);
}

/* -- Steps ------------------------------------------------------------------------------------ */

typedef struct {
  const jx_device_instance *instance;
  const jx_address *parameters;
  jx_host_function host;
  void *callbacks;
} frame;

/* The address of an operand: two words. */
static jx_address address(const frame *f, const int64_t *operand) {
  int64_t position = operand[0] >> 2;
  jx_address root = 0;
  switch (operand[0] & 3) {
    case JX_ROOT_PARAMETER: root = f->parameters[position]; break;
    case JX_ROOT_CONSTANT: root = f->instance->constants[position]; break;
    case JX_ROOT_WORKSPACE: root = f->instance->workspace; break;
  }
  return root + (jx_address)operand[1];
}

static int32_t launch(const frame *f, const int64_t *words) {
  jx_device *device = f->instance->device;
  const jx_device_kernel *kernel = &f->instance->program->kernels[words[0]];
  int32_t count = (int32_t)words[1];
  jx_address operands[count + 1];
  for (int32_t o = 0; o < count; o++) operands[o] = address(f, words + 2 + 2 * o);
  return device->launch(device, f->instance->kernels[words[0]], kernel, operands, count);
}

/* Patterns that are wider than devices fill with are written once, then copied from what is there. */
static int32_t fill(const frame *f, const int64_t *words) {
  jx_device *device = f->instance->device;
  int32_t width = (int32_t)words[0];
  size_t count = (size_t)words[3];
  jx_address target = address(f, words + 4);
  if (width <= 4) return device->fill(device, target, (uint32_t)words[1], width, count);
  size_t size = (size_t)width * count, done = (size_t)width;
  int32_t status = device->write(device, target, words + 1, done);
  while (!status && done < size) {
    size_t part = done < size - done ? done : size - done;
    status = device->copy(device, target + done, target, part);
    done += part;
  }
  return status;
}

/* Lets the host compute: brings the operands to it, and takes the results back. `entries` are bytes and
   operand of each; `routine` or the callback number `callback` computes. */
static int32_t call_host(const frame *f, const int64_t *entries, int64_t operands, int64_t results,
                         jx_routine routine, const int64_t *parameters, int64_t callback) {
  jx_device *device = f->instance->device;
  int64_t count = operands + results, made = 0;
  void *buffers[count + 1];
  int32_t status = routine || f->host ? 0 : JX_NO_HOST;
  for (; !status && made < count; made++) {
    const int64_t *entry = entries + 3 * made;
    buffers[made] = aligned_alloc(64, ((size_t)entry[0] + 64) / 64 * 64);
    if (!buffers[made]) status = JX_OUT_OF_MEMORY;
    else if (made < operands && entry[0] > 0)
      status = device->read(device, buffers[made], address(f, entry + 1), (size_t)entry[0]);
  }
  if (!status)
    status = routine ? routine(parameters, buffers) : f->host(f->callbacks, callback, buffers);
  for (int64_t r = operands; !status && r < count; r++) {
    const int64_t *entry = entries + 3 * r;
    if (entry[0] > 0)
      status = device->write(device, address(f, entry + 1), buffers[r], (size_t)entry[0]);
  }
  if (!status) status = device->wait(device);
  while (made > 0) free(buffers[--made]);
  return status;
}

static int32_t run(const frame *f, const int64_t *words, const int64_t *end) {
  jx_device *device = f->instance->device;
  int32_t status = 0;
  while (!status && words < end) {
    const int64_t *w = words + 1;
    switch (words[0]) {
      case JX_STEP_LAUNCH:
        status = launch(f, w);
        words = w + 2 + 2 * w[1];
        break;
      case JX_STEP_COPY: {
        jx_address target = address(f, w + 1), source = address(f, w + 3);
        if (target != source) status = device->copy(device, target, source, (size_t)w[0]);
        words = w + 5;
        break;
      }
      case JX_STEP_FILL:
        status = fill(f, w);
        words = w + 6;
        break;
      case JX_STEP_WHILE: {
        const int64_t *condition = w + 4, *body = condition + w[2];
        words = body + w[3];
        for (uint8_t goes_on = 1; !status;) {
          status = run(f, condition, body);
          if (!status) status = device->read(device, &goes_on, address(f, w), 1);
          if (status || !goes_on) break;
          status = run(f, body, words);
        }
        break;
      }
      case JX_STEP_LOOP: {
        const int64_t *body = w + 2;
        words = body + w[1];
        for (int64_t i = 0; !status && i < w[0]; i++) status = run(f, body, words);
        break;
      }
      case JX_STEP_BRANCH: {
        int64_t count = w[3];
        const int64_t *lengths = w + 4, *branch = lengths + count;
        int32_t index = 0;
        status = device->read(device, &index, address(f, w), (size_t)w[2]);
        if (index < 0 || index >= count) index = (int32_t)count - 1;
        words = branch;
        for (int64_t c = 0; c < count; c++) {
          if (!status && c == index) status = run(f, words, words + lengths[c]);
          words += lengths[c];
        }
        break;
      }
      case JX_STEP_ROUTINE: {
        const int64_t *counts = w + 2 + w[1];
        status = call_host(f, counts + 2, counts[0], counts[1],
                           f->instance->program->routines[w[0]], w + 2, 0);
        words = counts + 2 + 3 * (counts[0] + counts[1]);
        break;
      }
      case JX_STEP_HOST:
        status = call_host(f, w + 3, w[1], w[2], NULL, NULL, w[0]);
        words = w + 3 + 3 * (w[1] + w[2]);
        break;
      default: return jx_device_fails(JX_UNSUPPORTED_TYPE, "a step of an unknown kind");
    }
  }
  return status;
}

/* How often a device is asked for something by steps that are the same at every run; negative if they
   are not. */
static int64_t request_count(const jx_device_program *program, const int64_t *words,
                             const int64_t *end) {
  enum { MOST = 1 << 20 };
  int64_t count = 0;
  while (words < end && count <= MOST) {
    switch (words[0]) {
      case JX_STEP_LAUNCH:
        /* Loops of their own: how long they take, none knows before. */
        if (program->kernels[words[1]].is_cooperative) return -1;
        count++;
        words += 3 + 2 * words[2];
        break;
      case JX_STEP_COPY:
        count++;
        words += 6;
        break;
      case JX_STEP_FILL:
        /* Wide patterns are written by the host. */
        if (words[1] > 4) return -1;
        count++;
        words += 7;
        break;
      case JX_STEP_LOOP: {
        const int64_t *body = words + 3;
        int64_t inner = request_count(program, body, body + words[2]);
        if (inner < 0) return -1;
        count += inner > 0 && words[1] > MOST / inner ? MOST : inner * words[1];
        words = body + words[2];
        break;
      }
      default: return -1;
    }
  }
  return count;
}

/* Are the steps the same at every run, more than a few, and no more than a recording should hold? */
static int is_recordable(const jx_device *device, const jx_device_program *program) {
  enum { FEWEST = 4, MOST = 8192 };
  int64_t count = request_count(program, program->code, program->code + program->code_count);
  return device->record && count >= FEWEST && count <= MOST;
}

/* Runs the steps, as a recording where the parameters are those of the last run. */
static int32_t run_or_replay(const frame *f, jx_device_instance *instance) {
  jx_device *device = instance->device;
  const jx_device_program *program = instance->program;
  const int64_t *end = program->code + program->code_count;
  size_t size = (size_t)(program->argument_count + program->result_count) * sizeof(jx_address);
  if (!instance->is_recordable) return run(f, program->code, end);
  if (!instance->has_run || memcmp(instance->parameters, f->parameters, size)) {
    if (instance->recording) device->forget(device, instance->recording);
    instance->recording = NULL;
    memcpy(instance->parameters, f->parameters, size);
    instance->has_run = 1;
    return run(f, program->code, end);
  }
  if (!instance->recording) {
    int32_t status = device->record(device);
    if (status) return status;
    status = run(f, program->code, end);
    int32_t ended = device->recorded(device, &instance->recording);
    if (status || ended) return status ? status : ended;
  }
  return device->replay(device, instance->recording);
}

int32_t jx_device_run(jx_device_instance *instance, const jx_address *parameters,
                      jx_host_function host, void *callbacks) {
  frame f = {instance, parameters, host, callbacks};
  message[0] = 0;
  instance->device->message[0] = 0;
  int32_t status = run_or_replay(&f, instance);
  return noted(instance->device, status);
}
