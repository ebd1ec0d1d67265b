/*
 * A file system with one file, the content of a drive whose flushes take time. Its writes go to
 * another file at once, and each fsync of it waits first, one at a time.
 *
 *   slow-drive MOUNT_POINT -f -o backing=FILE -o flush_ms=20
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct options {
  const char *backing;
  int flush_ms;
} options = {NULL, 20};

static const struct fuse_opt option_specs[] = {
    {"backing=%s", offsetof(struct options, backing), 1},
    {"flush_ms=%d", offsetof(struct options, flush_ms), 1},
    FUSE_OPT_END,
};

static const char *const FILE_NAME = "/drive.img";
static int backing_file = -1;
static pthread_mutex_t flushing = PTHREAD_MUTEX_INITIALIZER;

static int drive_getattr(const char *path, struct stat *found, struct fuse_file_info *file) {
  (void)file;
  if (strcmp(path, FILE_NAME) == 0) return fstat(backing_file, found) == 0 ? 0 : -errno;
  if (strcmp(path, "/") != 0) return -ENOENT;
  memset(found, 0, sizeof *found);
  found->st_mode = S_IFDIR | 0755;
  found->st_nlink = 2;
  return 0;
}

static int drive_readdir(const char *path, void *names, fuse_fill_dir_t fill, off_t offset,
                         struct fuse_file_info *file, enum fuse_readdir_flags flags) {
  (void)path, (void)offset, (void)file, (void)flags;
  fill(names, FILE_NAME + 1, NULL, 0, 0);
  return 0;
}

static int drive_open(const char *path, struct fuse_file_info *file) {
  (void)file;
  return strcmp(path, FILE_NAME) == 0 ? 0 : -ENOENT;
}

static int drive_read(const char *path, char *bytes, size_t size, off_t offset,
                      struct fuse_file_info *file) {
  (void)path, (void)file;
  ssize_t read = pread(backing_file, bytes, size, offset);
  return read < 0 ? -errno : (int)read;
}

static int drive_write(const char *path, const char *bytes, size_t size, off_t offset,
                       struct fuse_file_info *file) {
  (void)path, (void)file;
  ssize_t written = pwrite(backing_file, bytes, size, offset);
  return written < 0 ? -errno : (int)written;
}

static int drive_fsync(const char *path, int data_only, struct fuse_file_info *file) {
  (void)path, (void)data_only, (void)file;
  struct timespec delay = {options.flush_ms / 1000, options.flush_ms % 1000 * 1000000L};
  pthread_mutex_lock(&flushing);
  nanosleep(&delay, NULL);
  pthread_mutex_unlock(&flushing);
  return 0;
}

static const struct fuse_operations operations = {
    .getattr = drive_getattr,
    .readdir = drive_readdir,
    .open = drive_open,
    .read = drive_read,
    .write = drive_write,
    .fsync = drive_fsync,
};

int main(int count, char **words) {
  struct fuse_args args = FUSE_ARGS_INIT(count, words);
  if (fuse_opt_parse(&args, &options, option_specs, NULL) == -1 || options.backing == NULL) return 2;
  backing_file = open(options.backing, O_RDWR);
  if (backing_file == -1) return 2;
  return fuse_main(args.argc, args.argv, &operations, NULL);
}
