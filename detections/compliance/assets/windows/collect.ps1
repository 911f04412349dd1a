# Fengsui evidence collector for Windows.
#
#   powershell -ExecutionPolicy Bypass -File collect.ps1 [-Out host.zip]     (as administrator)
#
# What it does: asks Windows for the settings listed below and writes them into one zip with a SHA-256 of
# each part. It changes no setting, opens no connection and stays under a temporary folder of its own,
# which it removes. Windows PowerShell 3.0 or later, .NET 4.5 or later; no modules are installed.
#
# What it never takes: passwords, password hashes, keys, event texts, files of users.

param([string]$Out = "host-$env:COMPUTERNAME.zip")

$ErrorActionPreference = 'Continue'
$Version = 1
$Stage = Join-Path ([IO.Path]::GetTempPath()) ('fengsui-' + [Guid]::NewGuid().ToString('N'))
$Null1 = New-Item -ItemType Directory -Path $Stage
$Utf8 = New-Object Text.UTF8Encoding($false)
$Index = New-Object Collections.ArrayList
$Failed = 0

# Clean VALUE: one cell of a table, without tabs and line ends.
function Clean($value) {
    if ($null -eq $value) { return '' }
    if ($value -is [DateTime]) { return $value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') }
    if ($value -is [Array]) { $value = ($value -join ' ') }
    return ([string]$value) -replace "[\t\r\n\0]", ' '
}

# Table NAME COLUMNS {ROWS}: rows of cells as NAME.tsv; what fails is said in the index and not hidden.
function Table($name, $columns, [ScriptBlock]$rows) {
    $state = 'ok'
    $lines = New-Object Collections.ArrayList
    $null = $lines.Add(($columns -join "`t"))
    try {
        foreach ($row in @(& $rows)) {
            if ($null -eq $row) { continue }
            $cells = foreach ($column in $columns) { Clean $row.$column }
            $null = $lines.Add(($cells -join "`t"))
            if ($lines.Count -gt 20000) { $state = 'cut'; break }
        }
    } catch { $state = 'failed: ' + (Clean $_.Exception.Message); $script:Failed++ }
    [IO.File]::WriteAllText((Join-Path $Stage "$name.tsv"), (($lines -join "`n") + "`n"), $Utf8)
    $null = $Index.Add("$name.tsv`t$state")
}

# Tool NAME {COMMAND}: a program that writes its own file, taken as it is.
function Tool($name, [ScriptBlock]$command) {
    $target = Join-Path $Stage $name
    $state = 'ok'
    try { $null = & $command $target } catch { $state = 'failed: ' + (Clean $_.Exception.Message); $script:Failed++ }
    if (-not (Test-Path $target)) { [IO.File]::WriteAllText($target, '', $Utf8); if ($state -eq 'ok') { $state = 'failed: no output' } }
    $null = $Index.Add("$name`t$state")
}

function Cim($class, $filter) {
    if (Get-Command Get-CimInstance -ErrorAction SilentlyContinue) {
        if ($filter) { Get-CimInstance -ClassName $class -Filter $filter -ErrorAction Stop } else { Get-CimInstance -ClassName $class -ErrorAction Stop }
    } elseif ($filter) { Get-WmiObject -Class $class -Filter $filter -ErrorAction Stop } else { Get-WmiObject -Class $class -ErrorAction Stop }
}

# -- Who and what this is
Table 'system' @('Caption', 'Version', 'BuildNumber', 'ProductType', 'OSLanguage', 'Domain', 'PartOfDomain') {
    $os = Cim 'Win32_OperatingSystem'; $pc = Cim 'Win32_ComputerSystem'
    New-Object PSObject -Property @{ Caption = $os.Caption; Version = $os.Version; BuildNumber = $os.BuildNumber; ProductType = $os.ProductType
        OSLanguage = $os.OSLanguage; Domain = $pc.Domain; PartOfDomain = $pc.PartOfDomain }
}

# -- Security policy as it is in force: password, lock-out, options, rights (keys are the same in all languages)
Tool 'secedit.inf' { param($file) secedit /export /cfg $file /areas SECURITYPOLICY USER_RIGHTS /quiet }
Tool 'net-accounts.txt' { param($file) cmd /c "net accounts > `"$file`"" }
# Audit policy: the backup holds a number for each subcategory, the listing its words.
Tool 'auditpol.csv' { param($file) auditpol /backup /file:$file }
Tool 'auditpol-get.csv' { param($file) cmd /c "auditpol /get /category:* /r > `"$file`"" }
Tool 'auditpol-users.csv' { param($file) cmd /c "auditpol /list /user /r > `"$file`"" }

# -- Local accounts and groups
Table 'users' @('Name', 'SID', 'Disabled', 'Lockout', 'PasswordRequired', 'PasswordExpires', 'PasswordAgeDays', 'LastLogin') {
    foreach ($user in (Cim 'Win32_UserAccount' "LocalAccount=True")) {
        $age = ''; $last = ''
        try {
            $entry = [ADSI]("WinNT://./" + $user.Name + ",user")
            $age = [int]([int64]$entry.PasswordAge.Value / 86400)
            if ($entry.LastLogin.Value) { $last = [DateTime]$entry.LastLogin.Value }
        } catch { $age = '' }
        New-Object PSObject -Property @{ Name = $user.Name; SID = $user.SID; Disabled = $user.Disabled; Lockout = $user.Lockout
            PasswordRequired = $user.PasswordRequired; PasswordExpires = $user.PasswordExpires; PasswordAgeDays = $age; LastLogin = $last }
    }
}
Table 'members' @('Group', 'SID', 'Member') {
    foreach ($group in (Cim 'Win32_Group' "LocalAccount=True")) {
        $entry = [ADSI]("WinNT://./" + $group.Name + ",group")
        foreach ($member in @($entry.psbase.Invoke('Members'))) {
            $path = $member.GetType().InvokeMember('ADsPath', 'GetProperty', $null, $member, $null)
            New-Object PSObject -Property @{ Group = $group.Name; SID = $group.SID; Member = ($path -replace '^WinNT://', '') }
        }
    }
}

# -- Registry: values by name; a key or value that is not there has no row
$Values = @(
    @('HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon', 'AutoAdminLogon ForceAutoLogon ScRemoveOption CachedLogonsCount'),
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System', 'InactivityTimeoutSecs DontDisplayLastUserName EnableLUA ConsentPromptBehaviorAdmin LocalAccountTokenFilterPolicy'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\Lsa', 'RestrictAnonymous RestrictAnonymousSAM EveryoneIncludesAnonymous LimitBlankPasswordUse NoLMHash LmCompatibilityLevel SCENoApplyLegacyAuditPolicy CrashOnAuditFail RunAsPPL'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest', 'UseLogonCredential'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\SSL 3.0\Server', 'Enabled'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.0\Server', 'Enabled'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.1\Server', 'Enabled'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server', 'fDenyTSConnections'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp', 'SecurityLayer UserAuthentication MinEncryptionLevel MaxIdleTime MaxDisconnectionTime PortNumber fInheritMaxIdleTime'),
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services', 'fDenyTSConnections SecurityLayer UserAuthentication MinEncryptionLevel MaxIdleTime MaxDisconnectionTime'),
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service', 'AllowBasic AllowUnencryptedTraffic AllowAutoConfig'),
    @('HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service', 'allow_unencrypted auth_basic'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters', 'AutoShareServer AutoShareWks SMB1 RequireSecuritySignature RestrictNullSessAccess NullSessionShares NullSessionPipes'),
    @('HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management', 'ClearPageFileAtShutdown'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Security', 'MaxSize Retention AutoBackupLogFiles CustomSD'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\System', 'MaxSize Retention AutoBackupLogFiles'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application', 'MaxSize Retention AutoBackupLogFiles'),
    @('HKLM:\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security', 'MaxSize Retention AutoBackupLogFiles'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile', 'EnableFirewall DefaultInboundAction'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile', 'EnableFirewall DefaultInboundAction'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile', 'EnableFirewall DefaultInboundAction'),
    @('HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile', 'EnableFirewall DefaultInboundAction'),
    @('HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall\StandardProfile', 'EnableFirewall DefaultInboundAction'),
    @('HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile', 'EnableFirewall DefaultInboundAction'),
    @('HKLM:\SYSTEM\CurrentControlSet\Services\W32Time\Parameters', 'Type NtpServer')
)
Table 'registry' @('Key', 'Name', 'Value') {
    foreach ($pair in $Values) {
        $key = Get-ItemProperty -LiteralPath $pair[0] -ErrorAction SilentlyContinue
        if ($null -eq $key) { continue }
        foreach ($name in $pair[1].Split(' ')) {
            if ($key.PSObject.Properties.Match($name).Count) {
                New-Object PSObject -Property @{ Key = $pair[0].Replace(':', ''); Name = $name; Value = $key.$name }
            }
        }
    }
    # Event forwarding, SNMP communities (their number and whether they are the usual ones), screen savers
    $forward = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager'
    if (Test-Path $forward) {
        New-Object PSObject -Property @{ Key = $forward.Replace(':', ''); Name = 'count'; Value = @((Get-Item $forward).Property).Count }
    }
    $snmp = 'HKLM:\SYSTEM\CurrentControlSet\Services\SNMP\Parameters\ValidCommunities'
    if (Test-Path $snmp) {
        foreach ($name in @((Get-Item $snmp).Property)) {
            $shown = if (@('public', 'private') -contains $name) { $name } else { 'other' }
            New-Object PSObject -Property @{ Key = $snmp.Replace(':', ''); Name = 'community'; Value = $shown }
        }
    }
    foreach ($hive in @(Get-ChildItem Registry::HKEY_USERS -ErrorAction SilentlyContinue)) {
        if ($hive.PSChildName -notmatch '^S-1-5-21-[0-9-]+$') { continue }
        foreach ($path in 'SOFTWARE\Policies\Microsoft\Windows\Control Panel\Desktop', 'Control Panel\Desktop') {
            $desk = Get-ItemProperty -LiteralPath "Registry::HKEY_USERS\$($hive.PSChildName)\$path" -ErrorAction SilentlyContinue
            if ($null -eq $desk) { continue }
            foreach ($name in 'ScreenSaveActive', 'ScreenSaverIsSecure', 'ScreenSaveTimeOut') {
                if ($desk.PSObject.Properties.Match($name).Count) {
                    New-Object PSObject -Property @{ Key = "HKU\$($hive.PSChildName)\$path"; Name = $name; Value = $desk.$name }
                }
            }
        }
    }
}

# -- What runs and what listens
Table 'services' @('Name', 'State', 'StartMode', 'StartName', 'DisplayName') { Cim 'Win32_Service' }
Tool 'netstat.txt' { param($file) cmd /c "netstat -ano > `"$file`"" }
Table 'processes' @('ProcessId', 'Name') { Cim 'Win32_Process' }
Table 'shares' @('Name', 'Type', 'Path') { Cim 'Win32_Share' }
Table 'firewall-rules' @('Name', 'Value') {
    foreach ($path in 'HKLM:\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules', 'HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall\FirewallRules') {
        $key = Get-Item -LiteralPath $path -ErrorAction SilentlyContinue
        if ($null -eq $key) { continue }
        foreach ($name in $key.Property) {
            $value = [string]$key.GetValue($name)
            if ($value -match '\|Active=TRUE\|' -and $value -match '\|Dir=In\|') { New-Object PSObject -Property @{ Name = $name; Value = $value } }
        }
    }
}

# -- Programs, parts of Windows, patches, malware protection
Table 'programs' @('DisplayName', 'DisplayVersion', 'Publisher') {
    foreach ($path in 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*', 'HKLM:\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*') {
        Get-ItemProperty -Path $path -ErrorAction SilentlyContinue | Where-Object { $_.DisplayName }
    }
}
Table 'features' @('Name', 'InstallState') { Cim 'Win32_OptionalFeature' 'InstallState=1' }
Table 'hotfixes' @('HotFixID', 'InstalledOn') {
    foreach ($fix in (Get-HotFix -ErrorAction Stop)) {
        $day = ''
        try { if ($fix.InstalledOn) { $day = ([DateTime]$fix.InstalledOn).ToString('yyyy-MM-dd') } } catch { $day = '' }
        New-Object PSObject -Property @{ HotFixID = $fix.HotFixID; InstalledOn = $day }
    }
}
Table 'defender' @('AntivirusEnabled', 'RealTimeProtectionEnabled', 'AntivirusSignatureLastUpdated', 'AMServiceEnabled') {
    if (Get-Command Get-MpComputerStatus -ErrorAction SilentlyContinue) { Get-MpComputerStatus -ErrorAction Stop }
}
Table 'logs' @('LogName', 'IsEnabled', 'MaximumSizeInBytes', 'LogMode', 'OldestRecord') {
    foreach ($name in 'Security', 'System', 'Application') {
        $log = Get-WinEvent -ListLog $name -ErrorAction Stop
        $first = Get-WinEvent -LogName $name -Oldest -MaxEvents 1 -ErrorAction SilentlyContinue
        New-Object PSObject -Property @{ LogName = $name; IsEnabled = $log.IsEnabled; MaximumSizeInBytes = $log.MaximumSizeInBytes
            LogMode = $log.LogMode; OldestRecord = $(if ($first) { $first.TimeCreated } else { '' }) }
    }
}

# -- Manifest: what this is, and the digest of every part
$Admin = (New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
$About = @('format=fengsui-windows-evidence', "version=$Version", ('time=' + [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')),
    ('host=' + ($env:COMPUTERNAME -replace '[^A-Za-z0-9._-]', '')), "administrator=$Admin", "failed=$Failed")
[IO.File]::WriteAllText((Join-Path $Stage 'about'), (($About -join "`n") + "`n"), $Utf8)
[IO.File]::WriteAllText((Join-Path $Stage 'index.tsv'), (($Index -join "`n") + "`n"), $Utf8)
$Sha = [Security.Cryptography.SHA256]::Create()
$Lines = foreach ($file in (Get-ChildItem $Stage | Sort-Object Name)) {
    $digest = -join ($Sha.ComputeHash([IO.File]::ReadAllBytes($file.FullName)) | ForEach-Object { $_.ToString('x2') })
    "$digest  $($file.Name)"
}
[IO.File]::WriteAllText((Join-Path $Stage 'manifest'), (($Lines -join "`n") + "`n"), $Utf8)
$Target = if ([IO.Path]::IsPathRooted($Out)) { $Out } else { Join-Path (Get-Location).Path $Out }
if (Test-Path $Target) { Remove-Item $Target }
Add-Type -AssemblyName System.IO.Compression.FileSystem
[IO.Compression.ZipFile]::CreateFromDirectory($Stage, $Target)
Remove-Item -Recurse -Force $Stage
Write-Host "collect.ps1: wrote $Target"
