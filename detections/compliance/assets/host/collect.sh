#!/bin/sh
# Fengsui host evidence collector.
#
#   sh collect.sh [--root DIR] [-o FILE]        (as root, or much stays unread)
#
# What it does: copies the configuration files listed below, at most 64 KiB of each, and lists modes and
# owners of some folders. Without --root it also asks some programs for the state that runs (each is
# listed in "commands" below; none changes anything). It writes to a folder of its own under TMPDIR,
# which it removes, and to FILE. It opens no connection.
#
# What it never takes: password hashes (replaced by their kind and state), private keys, public keys,
# communities, tokens and passwords in settings (replaced by REDACTED).
#
# Needs: sh, awk, tar, gzip, sha256sum (or openssl), stat, readlink; all are in coreutils and in busybox.

VERSION=1
MOST_BYTES=65536    # of one file
MOST_FILES=1500
MOST_TOTAL=6000000  # of all files, before compression
LC_ALL=C
export LC_ALL
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
umask 077

ROOT=/
OUT=
while [ $# -gt 0 ]; do
    case $1 in
    --root) ROOT=${2:-}; shift ;;
    --root=*) ROOT=${1#--root=} ;;
    -o) OUT=${2:-}; shift ;;
    -h | --help) echo "usage: sh collect.sh [--root DIR] [-o FILE]"; exit 0 ;;
    *) echo "collect.sh: unknown option $1" >&2; exit 2 ;;
    esac
    [ $# -gt 0 ] && shift
done
[ -d "$ROOT" ] || { echo "collect.sh: no folder $ROOT" >&2; exit 2; }
ROOT=$(cd "$ROOT" && pwd) || exit 2
OFFLINE=1
[ "$ROOT" = / ] && { OFFLINE=0; ROOT=; }
[ -n "$OUT" ] || OUT=host-$(date -u +%Y%m%dT%H%M%SZ).tar.gz

STAGE=$(mktemp -d "${TMPDIR:-/tmp}/fengsui.XXXXXX") || exit 1
trap 'rm -rf "$STAGE"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$STAGE/b" "$STAGE/b/files" "$STAGE/b/commands"
TAB=$(printf '\t')
COUNT=0
TOTAL=0
: >"$STAGE/rows"
KNOWN=
DIGEST=sha256sum
command -v sha256sum >/dev/null 2>&1 || DIGEST='openssl dgst -sha256'

# real PATH: where PATH leads inside ROOT, links followed as the collected system would; into $REAL.
# Links never lead out of ROOT.
real() {
    todo=$1
    REAL=
    hops=0
    while [ -n "$todo" ]; do
        todo=${todo#/}
        part=${todo%%/*}
        case $todo in */*) todo=${todo#*/} ;; *) todo= ;; esac
        case $part in '' | .) continue ;; ..) REAL=${REAL%/*}; continue ;; esac
        if [ -L "$ROOT$REAL/$part" ]; then
            hops=$((hops + 1))
            [ $hops -gt 40 ] && return 1
            to=$(readlink "$ROOT$REAL/$part") || return 1
            case $to in /*) REAL= ;; esac
            todo=$to${todo:+/$todo}
        else
            REAL=$REAL/$part
        fi
    done
}

# row TYPE PATH NOTE TARGET: one line of files.tsv; mode and owner by stat, its size into $SIZE.
row() {
    [ "$1" = - ] && { printf '%s\t%s\t-\t-\t-\t-\t-\t%s\t\n' "$1" "$2" "$3" >>"$STAGE/rows"; return; }
    info "$2"
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$ST" "$3" "$4" >>"$STAGE/rows"
}
info() {
    ST=$(stat -c "%a$TAB%u$TAB%g$TAB%s$TAB%Y" "$ROOT$1" 2>/dev/null) || ST="-$TAB-$TAB-$TAB-$TAB-"
    SIZE=${ST%"$TAB"*}
    SIZE=${SIZE##*"$TAB"}
    case $SIZE in '' | *[!0-9]*) SIZE=0 ;; esac
}

# Field 2 of shadow and gshadow (and of an old passwd): kind and lock state instead of the hash.
# Kinds: empty, none (no hash can match), x, hash/ID, with "locked/" before what a "!" stands before.
# A further field same=NAME: the very hash of an earlier account (one password copied to two).
hide_hash='
function kind(v) {
    if (v == "") return "empty"
    if (v == "x") return "x"
    if (v ~ /^[!*]/) { r = v; sub(/^[!*]+/, "", r); return (r ~ /^[$_]/ || length(r) == 13) ? "locked/" kind(r) : "none" }
    if (v ~ /^\$[0-9a-zA-Z]+\$/) { split(v, p, "$"); return "hash/" p[2] }
    if (v ~ /^_/) return "hash/bsdi"
    if (length(v) == 13) return "hash/des"
    return "none"
}
BEGIN { FS = OFS = ":" }
/^[+-]/ || NF < 2 { print; next }
{ if (kind($2) ~ /^hash\//) { if ($2 in first) $(NF + 1) = "same=" first[$2]; else first[$2] = $1 }
  $2 = kind($2); print }'

# Settings: values whose name says that they are secret, and communities of SNMP.
hide_secret='
tolower($1) ~ /^(rocommunity|rwcommunity|rocommunity6|rwcommunity6)$/ { $2 = ($2 == "public" || $2 == "private") ? $2 : "REDACTED"; print; next }
tolower($1) ~ /^(com2sec|com2sec6)$/ { $NF = ($NF == "public" || $NF == "private") ? $NF : "REDACTED"; print; next }
tolower($1) ~ /^(requirepass|masterauth)$/ && ($2 == "\"\"" || $2 == "\047\047") { print; next }
tolower($1) ~ /^[ \t]*(loose[-_])?(password_encryption|(validate|simple)[-_]password|default_password_lifetime)/ { print; next }
$1 == "requirepass" && (length($2) < 8 || tolower($2) ~ /^"?(foobared|password|12345678|123456789|redis123|admin123|root1234|abc12345|qwer1234|admin@123|redis@123)"?$/) { print $1, "WEAK"; next }
tolower($1) ~ /^(createuser|usmuser|trapcommunity|trapsess|requirepass|masterauth|sasl_pwdb|password_pbkdf2|password|cachemgr_passwd|bindpw|rootbindpw)$/ { print $1, "REDACTED"; next }
{ gsub(/:\/\/[^\/ @]*@/, "://REDACTED@"); line = $0
  if (tolower(line) ~ /(pass|pwd|secret|token|authtok|credential|api_?key|private_?key)[a-z0-9_.]*[ \t]*[=:]/ && line !~ /^[ \t]*#/) {
      match(tolower(line), /(pass|pwd|secret|token|authtok|credential|api_?key|private_?key)[a-z0-9_.]*[ \t]*[=:]/)
      line = substr(line, 1, RSTART + RLENGTH - 1) "REDACTED" }
  # An option of a program and its value; an empty one says that there is none.
  if (match(tolower(line), /[ \t]--?[a-z_-]*(pass|pwd|secret|token)[a-z_-]*[ \t]+[^ \t\047"-][^ \t]*/)) {
      kept = substr(line, RSTART, RLENGTH); sub(/[^ \t]+$/, "REDACTED", kept)
      line = substr(line, 1, RSTART - 1) kept substr(line, RSTART + RLENGTH) }
  print line }'

# Users of Tomcat: the password gives way to what it is.
hide_tomcat='
{ while (match($0, /password="[^"]*"/)) {
      word = substr($0, RSTART + 10, RLENGTH - 11); name = ""
      if (match($0, /(username|name)="[^"]*"/)) { name = substr($0, RSTART, RLENGTH); sub(/^[a-z]*="/, "", name); sub(/"$/, "", name) }
      kind = (word == "" || word == name || word ~ /^(tomcat|admin|manager|password|123456|s3cret|role1|changeme)$/) ? "FACTORY" : "REDACTED"
      sub(/password="[^"]*"/, "word=" kind) }
  print }'

# Keys that let in: each a word, and with which earlier file it is one.
hide_key='
BEGIN { while ((getline row < seen) > 0) { split(row, part, " "); first[part[1]] = part[2] } }
/^[ \t]*(#|$)/ { next }
{ blob = ""; for (i = 1; i <= NF; i++) if ($i ~ /^AAAA/ && length($i) > 40) { blob = $i; break }
  if (blob != "" && blob in first && first[blob] != me) print "key same=" first[blob]
  else { print "key"; if (blob != "") { first[blob] = me; print blob, me >>seen } } }'

# take PATH [FILTER]: one file into the bundle, cut at MOST_BYTES, after FILTER (hash, secret, tomcat, keys, acl).
take() {
    case $1 in *[!a-zA-Z0-9_./@:+,=-]*) return ;; esac # a name that no list of ours has
    case $KNOWN in *"|$1|"*) return ;; esac
    KNOWN="$KNOWN|$1|"
    if [ -L "$ROOT$1" ]; then
        real "$1" && [ "$REAL" != "$1" ] && [ -n "$REAL" ] || { row l "$1" loop ''; return; }
        row l "$1" link "$REAL"
        take "$REAL" "${2:-}"
        return
    fi
    [ -e "$ROOT$1" ] || { row - "$1" absent ''; return; }
    [ -f "$ROOT$1" ] || { row o "$1" special ''; return; }
    if [ ! -r "$ROOT$1" ]; then row f "$1" unreadable ''; return; fi
    COUNT=$((COUNT + 1))
    if [ $COUNT -gt $MOST_FILES ] || [ $TOTAL -gt $MOST_TOTAL ]; then row f "$1" bundle-full ''; return; fi
    note=whole
    [ -d "$STAGE/b/files${1%/*}" ] || mkdir -p "$STAGE/b/files${1%/*}"
    info "$1"
    [ "$SIZE" -gt $MOST_BYTES ] && note=cut
    case ${2:-} in
    hash) head -c $MOST_BYTES "$ROOT$1" | awk "$hide_hash" >"$STAGE/b/files$1" 2>/dev/null; note=$note,redacted ;;
    secret) head -c $MOST_BYTES "$ROOT$1" | awk "$hide_secret" >"$STAGE/b/files$1" 2>/dev/null; note=$note,redacted ;;
    tomcat) head -c $MOST_BYTES "$ROOT$1" | awk "$hide_tomcat" >"$STAGE/b/files$1" 2>/dev/null; note=$note,redacted ;;
    keys) head -c $MOST_BYTES "$ROOT$1" | awk -v me="$1" -v seen="$STAGE/keys" "$hide_key" >"$STAGE/b/files$1"; note=$note,redacted ;;
    acl) head -c $MOST_BYTES "$ROOT$1" | sed 's/\([ \t]\)[>#<!][^ \t]*/\1>REDACTED/g' >"$STAGE/b/files$1"; note=$note,redacted ;;
    *) head -c $MOST_BYTES "$ROOT$1" >"$STAGE/b/files$1" 2>/dev/null || note=unreadable ;;
    esac
    TOTAL=$((TOTAL + SIZE))
    printf '%s\t%s\t%s\t%s\t%s\n' f "$1" "$ST" "$note" '' >>"$STAGE/rows"
}

# every DIR [FILTER] [SUFFIX]: the plain files of a folder, in it only.
every() {
    real "$1" || return
    [ -n "$REAL" ] || return
    base=$REAL
    if [ "$base" != "$1" ]; then row l "$1" folder-link "$base"; fi
    [ -d "$ROOT$base" ] || { row - "$1" absent ''; return; }
    [ -r "$ROOT$base" ] || { row d "$base" unreadable ''; return; }
    row d "$base" folder ''
    for file in "$ROOT$base"/*"${3:-}" "$ROOT$base"/.[!.]*"${3:-}"; do
        [ -e "$file" ] || [ -L "$file" ] || continue
        [ -d "$file" ] && [ ! -L "$file" ] && continue
        take "${file#"$ROOT"}" "${2:-}"
    done
}

# either PATH: all of a folder, or the one file.
either() {
    if [ -d "$ROOT$1" ]; then every "$1"; else take "$1"; fi
}

# named PATTERN FILE: what lines of a file name after their first word, into the stage; nothing odd.
named() {
    : >"$STAGE/named"
    [ -r "$ROOT$2" ] && awk -v p="$1" '$0 ~ p { for (i = 2; i <= NF && i < 9; i++) if ($i ~ /^[a-zA-Z0-9_.\/*?-]+$/ && $i !~ /\.\./) print $i }' \
        "$ROOT$2" 2>/dev/null | head -n 20 >"$STAGE/named"
}

# follow DIR PATTERN FILTER: what the files of DIR in the bundle include, named from DIR, three deep.
follow() {
    for pass in 1 2 3; do
        before=$COUNT
        [ -d "$STAGE/b/files$1" ] || return
        find "$STAGE/b/files$1" -type f -exec awk -v p="$2" 'tolower($0) ~ p {
            for (i = 2; i <= NF && i < 9; i++) { w = $i; gsub(/["\047;,)]/, "", w); sub(/^.*\(/, "", w)
                if (w ~ /^[a-zA-Z0-9_.\/*?@-]+$/ && w !~ /\.\./) print w } }' {} + 2>/dev/null |
            sort -u | head -n 60 >"$STAGE/named"
        while read -r word; do
            case $word in /*) ;; *) word=$1/$word ;; esac
            [ -d "$ROOT$word" ] && word=${word%/}/*
            case $word in
            *[*?]*/*) continue ;;
            *[*?]*)
                case $KNOWN in *"|${word%/*}/|"*) continue ;; esac
                KNOWN="$KNOWN|${word%/*}/|"
                every "${word%/*}" "$3"
                ;;
            *) take "$word" "$3" ;;
            esac
        done <"$STAGE/named"
        [ "$COUNT" -eq "$before" ] && return
    done
}

# names DIR: names in a folder, links with where they lead; nothing is copied.
names() {
    real "$1" || return
    base=$REAL
    [ -n "$base" ] && [ -d "$ROOT$base" ] && [ -r "$ROOT$base" ] || return
    row n "$base" names ''
    for file in "$ROOT$base"/*; do
        [ -L "$file" ] || [ -e "$file" ] || continue
        to=
        [ -L "$file" ] && to=$(readlink "$file")
        [ -d "$file" ] && [ ! -L "$file" ] && to=/
        printf '%s\t%s\t%s\n' "$base" "${file##*/}" "$to" >>"$STAGE/b/names.tsv"
    done
}

# modes PATH...: mode and owner only, of what is no link.
modes() {
    for file in "$@"; do
        # A link's own mode is 777 and says nothing.
        [ -e "$ROOT$file" ] && [ ! -L "$ROOT$file" ] && row m "$file" mode ''
    done
}

: >"$STAGE/b/names.tsv"

# -- Who and what this is
for file in /etc/os-release /usr/lib/os-release /etc/redhat-release /etc/debian_version /etc/openEuler-release \
    /etc/kylin-release /etc/.kyinfo /etc/os-version /etc/hostname; do take $file; done

# -- Accounts
for file in /etc/passwd /etc/group; do take $file hash; done
for file in /etc/shadow /etc/gshadow; do take $file hash; done
for file in /etc/login.defs /etc/default/useradd /etc/nsswitch.conf /etc/securetty /etc/hosts.equiv /etc/shells \
    /etc/sudoers /etc/hosts.allow /etc/hosts.deny; do take $file; done
every /etc/sudoers.d
# Folders and files that sudoers names itself.
named '^[#@]include(dir)?[ \t]' /etc/sudoers
while read -r word; do either "$word"; done <"$STAGE/named"
take /etc/ssh/shosts.equiv
for file in /etc/sssd/sssd.conf /etc/nslcd.conf /etc/ldap.conf /etc/krb5.conf; do take $file secret; done
[ -r "$ROOT/etc/passwd" ] && awk -F: '{ print $6 }' "$ROOT/etc/passwd" 2>/dev/null | sort -u | head -n 300 >"$STAGE/homes"
while read -r home; do
    case $home in '' | / | /proc* | /sys* | /dev* | *[!a-zA-Z0-9_./-]*) continue ;; esac
    take "$home/.ssh/authorized_keys" keys
    take "$home/.rhosts"; take "$home/.shosts"
    modes "$home" "$home/.ssh" "$home/.ssh/authorized_keys"
    # Passwords of programs, kept in a home: who may read them, never what they say.
    modes "$home/.netrc" "$home/.pgpass" "$home/.my.cnf" "$home/.git-credentials" "$home/.aws/credentials" \
        "$home/.docker/config.json" "$home/.kube/config"
    for file in "$ROOT$home"/.ssh/id_*; do
        case $file in *.pub) ;; *) [ -f "$file" ] && modes "${file#"$ROOT"}" ;; esac
    done
    for file in .bash_profile .bash_login .profile .bashrc .zshrc .zprofile; do
        [ -f "$ROOT$home/$file" ] && take "$home/$file" secret
    done
done <"$STAGE/homes"

# -- Password rules and lock
every /etc/pam.d
for dir in /usr/lib/pam.d /usr/etc/pam.d; do [ -d "$ROOT$dir" ] && every $dir; done
take /etc/pam.conf
every /etc/authselect
names /lib/security; names /lib64/security; names /usr/lib/security; names /usr/lib64/security
for dir in "$ROOT"/lib/*-linux-gnu*/security "$ROOT"/usr/lib/*-linux-gnu*/security; do
    [ -d "$dir" ] && names "${dir#"$ROOT"}"
done
for file in pwquality.conf faillock.conf access.conf limits.conf pwhistory.conf passwdqc.conf; do
    take /etc/security/$file
    take /usr/etc/security/$file
done
every /etc/security '' .conf
take /etc/passwdqc.conf
every /etc/security/pwquality.conf.d

# -- Remote and local login
take /etc/ssh/sshd_config
every /etc/ssh/sshd_config.d
named '^[ \t]*[Ii][Nn][Cc][Ll][Uu][Dd][Ee][ \t=]' /etc/ssh/sshd_config
while read -r word; do
    case $word in /*) ;; *) word=/etc/ssh/$word ;; esac
    case $word in /etc/ssh/sshd_config.d/*) continue ;; *[*?]*) every "${word%/*}" ;; *) take "$word" ;; esac
done <"$STAGE/named"
KNOWN="$KNOWN|/etc/ssh/sshd_config.d/|"
follow /etc/ssh '^[ \t]*include[ \t=]' ''
take /usr/etc/ssh/sshd_config
[ -d "$ROOT/usr/etc/ssh/sshd_config.d" ] && every /usr/etc/ssh/sshd_config.d
take /etc/sysconfig/sshd; take /etc/default/ssh
take /etc/crypto-policies/back-ends/opensshserver.config
take /etc/crypto-policies/config
for file in "$ROOT"/etc/ssh/ssh_host_*; do [ -e "$file" ] && modes "${file#"$ROOT"}"; done
for file in /etc/profile /etc/bash.bashrc /etc/bashrc /etc/environment /etc/csh.cshrc /etc/csh.login /etc/zprofile \
    /etc/zshenv /etc/zshrc /etc/zlogin /etc/ksh.kshrc; do take $file secret; done
every /etc/zsh secret
every /etc/profile.d secret
take /etc/gdm3/daemon.conf; take /etc/gdm3/custom.conf; take /etc/gdm/custom.conf
take /etc/lightdm/lightdm.conf; every /etc/lightdm/lightdm.conf.d; every /usr/share/lightdm/lightdm.conf.d
take /etc/sddm.conf; every /etc/sddm.conf.d; take /etc/sysconfig/init
every /etc/dconf/db/local.d; every /etc/dconf/db/site.d; every /etc/dconf/db/gdm.d
take /etc/systemd/logind.conf; every /etc/systemd/logind.conf.d
take /etc/default/grub secret; every /etc/default/grub.d secret .cfg
take /etc/kernel/cmdline secret; take /boot/grub2/grubenv secret; every /boot/loader/entries secret .conf
take /boot/grub2/user.cfg secret

# -- Services
take /etc/inetd.conf; every /etc/inetd.d; take /etc/xinetd.conf; every /etc/xinetd.d
take /etc/vsftpd.conf; take /etc/vsftpd/vsftpd.conf; take /etc/proftpd/proftpd.conf secret
every /etc/proftpd/conf.d secret; take /etc/proftpd/tls.conf secret; take /etc/proftpd.conf secret
take /etc/pure-ftpd/conf/TLS; take /etc/pure-ftpd/pure-ftpd.conf
take /etc/snmp/snmpd.conf secret
for file in /etc/redis/redis.conf /etc/redis.conf /etc/memcached.conf /etc/sysconfig/memcached /etc/mongod.conf \
    /etc/mongodb.conf /etc/rsyncd.conf; do take $file secret; done
take /etc/postfix/main.cf secret; take /etc/systemd/system/docker.socket; take /etc/default/dropbear; take /etc/sysconfig/dropbear
take /etc/elasticsearch/elasticsearch.yml secret; take /etc/squid/squid.conf secret
take /etc/my.cnf secret; every /etc/my.cnf.d secret .cnf; take /etc/mysql/my.cnf secret
every /etc/mysql/conf.d secret .cnf; every /etc/mysql/mariadb.conf.d secret .cnf
every /etc/mysql/mysql.conf.d secret .cnf
for dir in "$ROOT"/etc/postgresql/*/* "$ROOT"/var/lib/postgresql/*/* "$ROOT"/var/lib/pgsql/data \
    "$ROOT"/var/lib/pgsql/*/data "$ROOT"/opt/Kingbase/ES/*/data; do
    [ -d "$dir" ] || continue
    for name in pg_hba sys_hba postgresql postgresql.auto kingbase kingbase.auto; do
        [ -f "$dir/$name.conf" ] && take "${dir#"$ROOT"}/$name.conf" secret
    done
    follow "${dir#"$ROOT"}" '^[ \t]*include(_dir|_if_exists)?[ \t=]' secret
done
take /etc/nginx/nginx.conf secret; every /etc/nginx/conf.d secret .conf; every /etc/nginx/sites-enabled secret
follow /etc/nginx '^[ \t]*include[ \t]' secret
for dir in /usr/local/nginx/conf /usr/local/openresty/nginx/conf /opt/nginx/conf; do
    [ -f "$ROOT$dir/nginx.conf" ] || continue
    take "$dir/nginx.conf" secret
    follow "$dir" '^[ \t]*include[ \t]' secret
done
take /etc/httpd/conf/httpd.conf secret; take /etc/httpd/conf.d/ssl.conf; every /etc/httpd/conf.d secret .conf
take /etc/apache2/apache2.conf secret; every /etc/apache2/mods-enabled '' .conf; every /etc/apache2/conf-enabled secret
every /etc/apache2/sites-enabled secret
take /etc/haproxy/haproxy.cfg secret; every /etc/haproxy/conf.d secret .cfg
take /etc/dovecot/dovecot.conf secret; every /etc/dovecot/conf.d secret .conf; take /etc/dovecot/local.conf secret
take /etc/cockpit/cockpit.conf secret; take /etc/webmin/miniserv.conf secret; take /etc/grafana/grafana.ini secret
take /etc/rabbitmq/rabbitmq.conf secret; every /etc/rabbitmq/conf.d secret .conf
take /var/lib/kubelet/config.yaml secret; take /var/lib/jenkins/config.xml secret; take /etc/deepin/dde.conf
take /etc/redis/users.acl acl; take /etc/redis-users.acl acl
follow /etc/redis '^include[ \t]' secret
named '^include[ \t]' /etc/redis.conf
while read -r word; do take "$word" secret; done <"$STAGE/named"
 take /etc/xrdp/xrdp.ini secret; every /etc/openvpn secret .conf
every /etc/openvpn/server secret .conf; take /etc/doas.conf; modes /usr/bin/doas /usr/local/bin/doas /etc/security/opasswd
for file in "$ROOT"/opt/nacos*/conf/application.properties "$ROOT"/usr/local/nacos*/conf/application.properties \
    "$ROOT"/etc/tomcat*/server.xml "$ROOT"/opt/*tomcat*/conf/server.xml "$ROOT"/usr/local/*tomcat*/conf/server.xml; do
    [ -f "$file" ] && take "${file#"$ROOT"}" secret
done
# Names and roles of Tomcat's users, and whether a password is the name or a factory one; never a password.
for file in "$ROOT"/etc/tomcat*/tomcat-users.xml "$ROOT"/opt/*tomcat*/conf/tomcat-users.xml \
    "$ROOT"/usr/local/*tomcat*/conf/tomcat-users.xml; do
    [ -f "$file" ] && take "${file#"$ROOT"}" tomcat
done
take /etc/etcd/etcd.conf secret; take /etc/default/etcd secret
take /etc/exports; every /etc/exports.d '' .exports; take /etc/samba/smb.conf secret; take /etc/docker/daemon.json secret
names /etc/systemd/system
for dir in "$ROOT"/etc/systemd/system/*.wants "$ROOT"/etc/systemd/system/*.requires "$ROOT"/etc/rc[2345].d "$ROOT"/etc/rc.d/rc[2345].d; do
    [ -d "$dir" ] && names "${dir#"$ROOT"}"
done
for dir in "$ROOT"/etc/systemd/system/*.d; do [ -d "$dir" ] && every "${dir#"$ROOT"}" secret .conf; done
names /usr/lib/systemd/system
names /lib/systemd/system
# Units of this host's own, and the settings of an sshd that one of them starts.
every /etc/systemd/system secret .service
for file in "$STAGE"/b/files/etc/systemd/system/*.service; do
    [ -f "$file" ] || continue
    sed -n 's/^ExecStart=.*sshd .*-f *\(\/[^ ]*\).*/\1/p' "$file" >"$STAGE/named"
    while read -r word; do take "$word"; done <"$STAGE/named"
done
# Units that start, as their packages bring them.
for file in "$ROOT"/etc/systemd/system/*.wants/*; do
    name=${file##*/}
    case $name in *@*.service) name=${name%%@*}@.service ;; *.service | *.socket) ;; *) continue ;; esac
    take "/usr/lib/systemd/system/$name" secret
    [ -L "$ROOT/lib" ] || take "/lib/systemd/system/$name" secret
    case $name in *.socket) take "/etc/systemd/system/${name%.socket}@.service" secret ;; esac
done
# Settings that a unit names on its command line.
(cd "$STAGE/b/files" 2>/dev/null && cat usr/lib/systemd/system/*.service lib/systemd/system/*.service etc/systemd/system/*.service 2>/dev/null) |
    grep '^ExecStart=.*\(redis\|mysqld\|mariadbd\|mongod\|nginx\|haproxy\)' | grep -o '/[a-zA-Z0-9_./-]*\.\(conf\|cnf\|cfg\)' |
    sort -u | head -n 40 >"$STAGE/units"
while read -r word; do case $word in *..*) ;; *) take "$word" secret ;; esac; done <"$STAGE/units"
for name in x11vnc sshd ssh auditd rsyslog telnet getty@ serial-getty@; do
    take /etc/systemd/system/$name.service; take /usr/lib/systemd/system/$name.service
    take /lib/systemd/system/$name.service
done

# -- Audit and logs
take /etc/audit/auditd.conf; take /etc/audit/audit.rules; every /etc/audit/rules.d
every /etc/audit/plugins.d; every /etc/audisp/plugins.d; take /etc/audisp/audisp-remote.conf
take /etc/audit/audisp-remote.conf
take /etc/rsyslog.conf secret; every /etc/rsyslog.d secret
take /etc/syslog-ng/syslog-ng.conf secret; every /etc/syslog-ng/conf.d secret
take /etc/systemd/journald.conf; every /etc/systemd/journald.conf.d
take /etc/systemd/journal-upload.conf
take /etc/logrotate.conf; every /etc/logrotate.d
modes /var/log /var/log/audit /var/log/audit/audit.log /var/log/messages /var/log/secure /var/log/syslog \
    /var/log/auth.log /var/log/wtmp /var/log/btmp /var/log/lastlog /var/log/cron /var/log/maillog /var/log/kern.log
modes /var/log/journal /root /tmp /var/tmp /dev/shm /usr/bin /usr/sbin /usr/local/bin
for file in /etc/shadow /etc/gshadow; do
    for copy in "$ROOT$file"*; do [ -f "$copy" ] && modes "${copy#"$ROOT"}"; done
done
take /etc/crontab secret; every /etc/cron.d secret; take /etc/anacrontab secret; take /etc/rc.local secret
take /etc/rc.d/rc.local secret; take /etc/ld.so.preload; take /etc/fstab secret
every /etc/polkit-1/rules.d; every /etc/polkit-1/localauthority/50-local.d
take /var/spool/cron/root secret; take /var/spool/cron/crontabs/root secret
modes / /etc /etc/ssh /etc/sudoers.d /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly \
    /etc/systemd /etc/systemd/system /usr /usr/local /usr/local/sbin /usr/lib /bin /sbin /lib /opt /var /boot \
    /etc/profile.d /etc/ld.so.conf.d /etc/security /var/spool/cron /var/spool/cron/crontabs
for file in "$ROOT"/var/lib/clamav/*.c[vl]d; do [ -e "$file" ] && modes "${file#"$ROOT"}"; done
modes /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/passwd- /etc/shadow- /etc/sudoers /etc/ssh/sshd_config \
    /etc/crontab /etc/audit /etc/audit/auditd.conf /boot/grub2/grub.cfg /boot/grub/grub.cfg /etc/profile /etc/pam.d

# Modes of programs that root is told to run: by sudo, by cron, by units of this host, at the start.
(cd "$STAGE/b/files" 2>/dev/null && cat etc/sudoers etc/sudoers.d/* etc/crontab etc/anacrontab etc/cron.d/* etc/rc.local \
    etc/rc.d/rc.local var/spool/cron/root var/spool/cron/crontabs/root etc/systemd/system/*.service 2>/dev/null) |
    grep -v '^[ \t]*#' | grep -o '/[a-zA-Z0-9_./+-]*' | sort -u | head -n 300 >"$STAGE/run"
while read -r word; do
    case $word in *//* | *..* | /dev/* | /proc/* | /sys/*) continue ;; esac
    [ -f "$ROOT$word" ] && modes "$word"
done <"$STAGE/run"

# Files of the system that others may write, and those that run as their owner (mode only).
SEEK=
command -v timeout >/dev/null 2>&1 && SEEK="timeout 20"
for dir in etc usr/bin usr/sbin usr/local bin sbin opt srv boot home root tmp var/tmp var/spool/cron; do
    [ -d "$ROOT/$dir" ] && [ ! -L "$ROOT/$dir" ] || continue
    kind='-perm -4000'
    case $dir in etc | usr/* | bin | sbin | boot | opt | srv | var/spool/cron) kind='( -perm -4000 -o -perm -0002 )' ;; esac
    # shellcheck disable=SC2086 # words are meant
    $SEEK find "$ROOT/$dir" -xdev -type f $kind 2>/dev/null | head -n 500
done >"$STAGE/wide"
# Folders that everybody may write and where everybody may remove what is another's.
for dir in etc usr/local opt srv boot root var/log var/www var/spool; do
    [ -d "$ROOT/$dir" ] && [ ! -L "$ROOT/$dir" ] || continue
    $SEEK find "$ROOT/$dir" -xdev -type d -perm -0002 ! -perm -1000 2>/dev/null | head -n 100
done >>"$STAGE/wide"
while read -r found; do
    case $found in *[!a-zA-Z0-9_./@:+,=-]*) continue ;; esac
    modes "${found#"$ROOT"}"
    # A shell or an interpreter under another name, with its owner's rights.
    [ -f "$found" ] && [ -u "$found" ] || continue
    for shell in bash dash sh zsh perl python3 find vim.basic busybox; do
        shell=/usr/bin/$shell
        if [ -f "$ROOT$shell" ] && cmp -s "$found" "$ROOT$shell" 2>/dev/null; then
            row m "${found#"$ROOT"}" mode "$shell"
            break
        fi
    done
done <"$STAGE/wide"

# -- Time, firewall, labels
take /etc/chrony.conf; take /etc/chrony/chrony.conf; every /etc/chrony/conf.d; take /etc/ntp.conf
take /etc/systemd/timesyncd.conf; every /etc/systemd/timesyncd.conf.d; every /etc/chrony/sources.d; every /etc/chrony.d
take /etc/ntpsec/ntp.conf
take /etc/sysconfig/chronyd
# Where programs come from, and whether they must be signed.
take /etc/apt/sources.list secret; every /etc/apt/sources.list.d secret; every /etc/apt/apt.conf.d secret
take /etc/apt/apt.conf secret
take /etc/yum.conf secret; take /etc/dnf/dnf.conf secret; every /etc/yum.repos.d secret .repo
take /etc/selinux/config
take /etc/nftables.conf; take /etc/sysconfig/iptables; take /etc/sysconfig/ip6tables; take /etc/iptables/rules.v4
take /etc/iptables/rules.v6; every /etc/firewalld/zones '' .xml; every /etc/nftables.d; every /etc/sysconfig/nftables
take /etc/sysconfig/nftables.conf; every /etc/nftables; take /etc/ufw/user.rules; take /etc/ufw/user6.rules
take /etc/firewalld/firewalld.conf; take /etc/ufw/ufw.conf; take /etc/default/ufw; take /etc/sysctl.conf; every /etc/sysctl.d
every /usr/lib/sysctl.d; every /usr/local/lib/sysctl.d

# -- Packages
mkdir -p "$STAGE/b/made"
if [ -r "$ROOT/var/lib/dpkg/status" ]; then
    awk '/^Package: / { p = $2 } /^Status: / { s = $NF } /^Version: / { v = $2 } /^$/ { if (s == "installed") print p "\t" v; p = s = "" }
         END { if (p != "" && s == "installed") print p "\t" v }' "$ROOT/var/lib/dpkg/status" >"$STAGE/b/made/dpkg.tsv"
    modes /var/lib/dpkg/status
fi
modes /var/lib/rpm/Packages /var/lib/rpm/rpmdb.sqlite /usr/lib/sysimage/rpm/rpmdb.sqlite

# -- What runs. Each command: its line, its exit status, at most 256 KiB of its output.
LIMIT=
command -v timeout >/dev/null 2>&1 && LIMIT="timeout 8"
NUMBER=0
: >"$STAGE/b/commands.tsv"
run() {
    command -v "$1" >/dev/null 2>&1 || { printf '%s\t%s\t%s\n' - 127 "$*" >>"$STAGE/b/commands.tsv"; return; }
    NUMBER=$((NUMBER + 1))
    file=commands/$NUMBER.txt
    { $LIMIT "$@" </dev/null 2>"$STAGE/err"; echo $? >"$STAGE/rc"; } | head -c 262144 >"$STAGE/b/$file"
    if [ "$1" = getent ]; then
        awk "$hide_hash" <"$STAGE/b/$file" >"$STAGE/clean" && cat "$STAGE/clean" >"$STAGE/b/$file"
    fi
    printf '%s\t%s\t%s\n' "$file" "$(cat "$STAGE/rc")" "$*" >>"$STAGE/b/commands.tsv"
}
if [ $OFFLINE -eq 0 ]; then
    run id -u
    run uname -srm
    run getent passwd
    run sshd -T -C user=root,host=localhost,addr=192.0.2.1
    run sshd -V
    run auditctl -s
    run auditctl -l
    run systemctl list-unit-files --no-pager --no-legend
    run systemctl list-units --all --no-pager --no-legend --plain --type=service,socket
    run ss -lntuH
    run iptables -S
    run nft list tables
    run firewall-cmd --state
    run getenforce
    run chronyc -n tracking
    run timedatectl show
    run rpm -qa --qf '%{NAME}\t%{VERSION}-%{RELEASE}\n'
    run cat /proc/cmdline
fi

# -- Manifest: what this is, and the digest of every member.
{
    echo "format=fengsui-host-evidence"
    echo "version=$VERSION"
    echo "time=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    echo "root=${ROOT:-/}"
    echo "offline=$OFFLINE"
    echo "uid=$(id -u)"
    name=
    [ -r "$ROOT/etc/hostname" ] && name=$(head -n 1 "$ROOT/etc/hostname" | tr -cd 'a-zA-Z0-9._-')
    [ -z "$name" ] && [ $OFFLINE -eq 0 ] && name=$(uname -n)
    echo "host=$name"
    id=
    [ -r "$ROOT/etc/machine-id" ] && id=$(head -n 1 "$ROOT/etc/machine-id" | tr -cd 'a-f0-9')
    # Told apart without being told: the id itself is confidential (machine-id(5)).
    echo "machine=$([ -n "$id" ] && printf '%s' "$id" | $DIGEST | sed 's/.*= *//' | cut -c1-32)"
    if [ -r "$ROOT/etc/os-release" ]; then
        echo "os=$(sed -n 's/^PRETTY_NAME=//p' "$ROOT/etc/os-release" | head -n 1 | tr -d '"')"
    fi
} >"$STAGE/b/about"
mv "$STAGE/rows" "$STAGE/b/files.tsv"
(
    cd "$STAGE/b" || exit 1
    if [ "$DIGEST" = sha256sum ]; then
        find . -type f ! -name manifest -exec sha256sum {} + | sed 's|  \./|  |'
    else
        find . -type f ! -name manifest -exec openssl dgst -sha256 {} + | sed 's|.*(\./\(.*\))= *\(.*\)|\2  \1|'
    fi >"$STAGE/manifest"
) || exit 1
mv "$STAGE/manifest" "$STAGE/b/manifest"
(cd "$STAGE/b" && tar -cf - manifest about commands.tsv names.tsv files.tsv made commands files) | gzip -c >"$STAGE/out" || exit 1
cat "$STAGE/out" >"$OUT" || exit 1
echo "collect.sh: wrote $OUT" >&2
