### アカウントのページ。

account-nav = アカウント
nav-profile = プロフィール
nav-emails = メールアドレス
nav-passkeys = パスキー
nav-password = パスワード
nav-devices = 端末
nav-apps = 連携アプリ
nav-activity = 履歴
nav-data = データ
fresh-hint = 先にご本人確認をお願いします。

profile-title = アカウント
profile-lead = { $tenant }に登録されている情報と、サインインの方法です。
profile-about = 基本情報
profile-locale-browser = ブラウザーに合わせる
checkup-title = アカウントの状態
checkup-passkeys = { $count ->
    [0] パスキーがありません。追加しましょう
   *[other] パスキー { $count }個
}
checkup-email-verified = メール確認済み
checkup-email-unverified = メールを確認しましょう
checkup-devices = サインイン中の端末 { $count }台

emails-lead = お知らせはメインのアドレスに届きます。確認済みのアドレスは、サインインとアカウントの復旧に使えます。
emails-primary = メイン
emails-verified = 確認済み
emails-unverified = 未確認
emails-verify = 確認する
emails-make-primary = メインにする
emails-remove-confirm = { $address }をアカウントから削除しますか？
emails-empty = アドレスがまだありません。いつでも戻れるように、追加しておきましょう。
emails-add-title = アドレスを追加
emails-add = 追加
emails-add-hint = ご本人のアドレスか確認するため、コードをお送りします。予備のアドレスがあると安心です。

passkeys-lead = 指紋や顔、画面ロックでサインインできます。
passkeys-name = 名前
passkeys-add = パスキーを追加
passkeys-delete-confirm = 「{ $name }」を削除しますか？サインインに使えなくなります。端末側の情報も消すように依頼します。
passkeys-empty-title = パスワードなしでサインイン
passkeys-empty = パスキーは、スマートフォンやパソコン、セキュリティキーに保存されます。端末のロックを解除するのと同じ操作で使え、覚えるものも盗まれるものもありません。
passkeys-hint = お使いの端末の種類ごとに追加しておくと、1台をなくしてもサインインできます。

account-password-lead = パスワードでサインインできます。パスキーなら、より安全で速くなります。
account-password-none = このアカウントにパスワードはありません。なくても大丈夫です。
account-password-change = パスワードを変更
account-password-set = パスワードを設定
account-password-changed = 最終変更日:
account-password-remove = パスワードを削除
account-password-remove-hint = ないものは盗まれません。パスキーはそのまま使えます。
account-password-remove-confirm = パスワードを削除しますか？今後はパスキーかコードでサインインします。

devices-lead = サインイン中の端末です。見覚えのないものは、サインアウトしてください。
devices-current = この端末
devices-seen = 最終アクセス:
devices-since = サインイン:
devices-used-for = 利用アプリ:
devices-revoke-others = ほかの端末をすべてサインアウト
devices-revoke-others-confirm = この端末以外では、もう一度サインインが必要になります。
devices-only-this = サインイン中の端末は、この端末だけです。

apps-lead = { $tenant }のアカウントを使っているアプリです。
apps-since = 連携日:
apps-revoke = アクセスを取り消す
apps-revoke-confirm = { $application }は、もう一度許可を求める必要があります。取得済みの情報は、アプリに残ることがあります。
apps-empty-title = 連携アプリはありません
apps-empty = { $tenant }のアカウントでアプリにサインインすると、ここに表示され、アクセスを取り消せます。

activity-lead = アカウントの最近の出来事です。
activity-empty = まだ何もありません。サインインや変更がここに表示されます。
activity-hint = 心当たりのないものがあれば、ほかの端末をサインアウトし、知らないパスキーを削除してください。
activity-older = 以前の履歴
activity-signed-up = アカウントを作成
activity-signed-in-passkey = パスキーでサインイン
activity-signed-in-password = パスワードでサインイン
activity-signed-in-code = メールのコードでサインイン
activity-signed-out = サインアウト
activity-sign-in-failed = サインインに失敗
activity-locked = 試行回数が多いため一時停止
activity-passkey-added = パスキーを追加
activity-passkey-renamed = パスキーの名前を変更
activity-passkey-removed = パスキーを削除
activity-password-changed = パスワードを変更
activity-password-removed = パスワードを削除
activity-email-added = アドレスを追加
activity-email-verified = アドレスを確認
activity-email-primary = メインのアドレスを変更
activity-email-removed = アドレスを削除
activity-recovered = メールでアカウントを復旧
activity-app-connected = アプリと連携
activity-app-disconnected = アプリのアクセスを取り消し
activity-device-signed-out = 端末をサインアウト
activity-profile-changed = プロフィールを変更
activity-data-downloaded = データをダウンロード

data-lead = お客様のデータです。持ち出すことも、削除することもできます。
data-download-title = データのダウンロード
data-download-hint = プロフィール、アドレス、パスキー、端末、アプリ、履歴など、保存しているすべての情報を一つのファイルにまとめます。
data-download = ダウンロード
data-delete-title = アカウントの削除
data-delete-hint = アカウントとパスキー、{ $tenant }でのすべてのサインインが削除されます。元には戻せません。
data-delete = アカウントを削除
data-delete-type = 確認のため、{ $text } と入力してください
data-delete-confirm = 完全に削除する
deleted-title = アカウントを削除しました
deleted-lead = これまでのご利用ありがとうございました。確認のメールをお送りしました。

nav-two-step = 2 段階サインイン
two-step-lead = パスワードやメールのコードに加えて、スマートフォンのアプリのコードを使います。片方を知られても、もう片方がなければ入れません。
two-step-required = { $tenant } では、全員に 2 段階目としてスマートフォンのアプリのコードが必要です。
two-step-passkey-hint = パスキーでのサインインは 1 回で 2 段階分になるため、コードは求められません。
two-step-apps = 認証アプリ
two-step-app = 認証アプリ
two-step-add = 認証アプリを追加
two-step-empty-title = 現在は 1 段階です
two-step-empty = 認証アプリを追加すると、パスワードを盗まれてもそれだけでは何も開けません。
two-step-remove-confirm = 「{ $name }」を削除しますか？このアプリのコードは求められなくなります。
two-step-codes-title = 復旧コード
two-step-codes-left = { $count ->
    [0] 残りはありません。スマートフォンがなくても入れるように、新しいコードを作ってください。
   *[other] 残り { $count } 個です。
}
two-step-codes-new = 新しいコードを作る
two-step-codes-new-hint = 古いコードは使えなくなります。
activity-factor-added = 認証アプリを追加しました
activity-factor-removed = 認証アプリを削除しました
activity-factor-refused = 2 段階目に失敗しました
activity-recovery-code-used = 復旧コードを使いました
activity-recovery-codes-made = 新しい復旧コードを作りました
